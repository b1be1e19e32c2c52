/** The pages by their addresses. Each is loaded when it is first opened. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";

import { Problem } from "./api/client";
import { Empty, Loading } from "./kit/States";
import { TipProvider } from "./kit/Tip";
import { Toasts } from "./kit/Toasts";
import { Shell } from "./layout/Shell";
import { LiveProvider } from "./live/Live";
import Home from "./pages/Home";
import { SessionGate } from "./session/Session";

const Administration = lazy(() => import("./pages/Administration"));
const Alerts = lazy(() => import("./pages/Alerts"));
const Drift = lazy(() => import("./pages/Drift"));
const Fairness = lazy(() => import("./pages/Fairness"));
const Health = lazy(() => import("./pages/Health"));
const Incidents = lazy(() => import("./pages/Incidents"));
const Model = lazy(() => import("./pages/Model"));
const Reports = lazy(() => import("./pages/Reports"));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => error instanceof Problem && (error.status === 0 || error.status === 503) && count < 4,
      refetchOnWindowFocus: true,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <TipProvider>
        <SessionGate>
          <Toasts>
            <LiveProvider>
              <Shell>
                <Suspense fallback={<Loading lines={8} />}>
                  <Switch>
                    <Route path="/" component={Home} />
                    <Route path="/incidents/:id?" component={Incidents} />
                    <Route path="/drift" component={Drift} />
                    <Route path="/fairness" component={Fairness} />
                    <Route path="/health" component={Health} />
                    <Route path="/model" component={Model} />
                    <Route path="/alerts" component={Alerts} />
                    <Route path="/reports" component={Reports} />
                    <Route path="/administration" component={Administration} />
                    <Route>
                      <Empty title="There is no such page">The navigation has those there are.</Empty>
                    </Route>
                  </Switch>
                </Suspense>
              </Shell>
            </LiveProvider>
          </Toasts>
        </SessionGate>
      </TipProvider>
    </QueryClientProvider>
  );
}
