/** What surrounds every page: the questions and their answers, the session, the live feed, the frame. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";

import { csrfToken, Problem } from "./api/client";
import { FLEET, WORST } from "./api/queries";
import { TipProvider } from "./kit/Tip";
import { Toasts } from "./kit/Toasts";
import { Shell } from "./layout/Shell";
import { LiveProvider } from "./live/Live";
import { loadPageAt, Pages } from "./pages";
import { SessionGate } from "./session/Session";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => error instanceof Problem && (error.status === 0 || error.status === 503) && count < 4,
      refetchOnWindowFocus: true,
    },
  },
});

/** What every page needs is asked for beside the question who is looking, not after it. */
export function begin(): void {
  loadPageAt(location.pathname);
  if (csrfToken() === null) return;
  void queries.prefetchQuery(FLEET);
  if (location.pathname === "/") void queries.prefetchQuery(WORST);
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <TipProvider>
        <SessionGate>
          <Toasts>
            <LiveProvider>
              <Shell>
                <Pages />
              </Shell>
            </LiveProvider>
          </Toasts>
        </SessionGate>
      </TipProvider>
    </QueryClientProvider>
  );
}
