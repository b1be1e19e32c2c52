/** The pages by their addresses. Home comes with the application; the code of each other one when it is asked for. */

import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { Route, Switch } from "wouter";

import { useFleet } from "./api/queries";
import { useFilters } from "./filters/FilterBar";
import { Empty, Fault, Loading } from "./kit/States";
import Home from "./pages/Home";

interface Page {
  path: string;
  load: () => Promise<unknown>;
  Content: ComponentType;
}

const PAGES: readonly Page[] = [
  page("/incidents/:id?", () => import("./pages/Incidents")),
  page("/drift", () => import("./pages/Drift"), "Drift"),
  page("/fairness", () => import("./pages/Fairness"), "Fairness"),
  page("/health", () => import("./pages/Health"), "Health"),
  page("/model", () => import("./pages/Model"), "Model"),
  page("/alerts", () => import("./pages/Alerts")),
  page("/reports", () => import("./pages/Reports")),
  page("/administration", () => import("./pages/Administration")),
];

/** Begins to load the page at an address, beside whatever else is loading. */
export function loadPageAt(address: string): void {
  const [, first] = address.split("/");
  PAGES.find((each) => first && each.path.split("/")[1] === first)
    ?.load()
    .catch(() => undefined); // the page itself says so when it is drawn
}

export function Pages() {
  return (
    <Switch>
      <Route path="/" component={Home} />
      {PAGES.map(({ path, Content }) => (
        <Route key={path} path={path} component={Content} />
      ))}
      <Route>
        <Empty title="There is no such page">The navigation has those there are.</Empty>
      </Route>
    </Switch>
  );
}

/** In the place of a page about one model, where there is none, or none can be told. */
function OfModel({ title, children }: { title: string; children: ReactNode }) {
  const fleet = useFleet();
  const { model } = useFilters();
  if (model !== null) return <>{children}</>;
  return (
    <div className="stack">
      <h1>{title}</h1>
      {fleet.data ? (
        <Empty title="No model is declared yet">
          Home says how to begin. What a model&rsquo;s days show stands here once it has some.
        </Empty>
      ) : fleet.error ? (
        <Fault error={fleet.error} onRetry={() => void fleet.refetch()} />
      ) : (
        <Loading lines={8} />
      )}
    </div>
  );
}

/**
 * React's own `lazy` holds back for 300 ms what follows a sign of loading; this draws as soon as the code is there.
 * `title` is that of a page about one model.
 */
function page(path: string, fetched: () => Promise<{ default: ComponentType }>, title?: string): Page {
  let Found: ComponentType | null = null;
  let coming: Promise<unknown> | null = null;
  const load = () =>
    (coming ??= fetched().then(
      (module) => (Found = module.default),
      (error: unknown) => {
        coming = null;
        throw error;
      },
    ));
  function Content() {
    const [, setLoaded] = useState(Found !== null);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (!Found) load().then(() => setLoaded(true), () => setFailed(true)); // prettier-ignore
    }, []);
    if (Found && title) {
      return (
        <OfModel title={title}>
          <Found />
        </OfModel>
      );
    }
    if (Found) return <Found />;
    if (!failed) return <Loading lines={8} />;
    return <Fault error={new Error("This page could not be loaded; the service may have been updated.")} onRetry={() => location.reload()} />;
  }
  return { path, load, Content };
}
