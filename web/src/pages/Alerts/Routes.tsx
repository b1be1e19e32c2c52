/** Which notices go where: the routes in order, who would be told now, and the file's part for an admin to change. */

import { useState } from "react";

import { useExplained, useOverview, useRoutes } from "../../api/queries";
import type { Route } from "../../api/types";
import { useUrl } from "../../filters/url";
import { Field, Select } from "../../kit/Form";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Fault, Loaded, Loading } from "../../kit/States";
import { Table, type TableColumn } from "../../kit/Table";
import { useSession } from "../../session/Session";
import { SectionDialog } from "./Section";

function conditions(when: Record<string, unknown>): string {
  const told = Object.entries(when).map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(" or ") : String(value)}`);
  return told.length ? told.join(", ") : "everything";
}

const COLUMNS: readonly TableColumn<Route>[] = [
  { id: "when", title: "What", value: (each) => conditions(each.when), wrap: true },
  { id: "to", title: "Goes to", value: (each) => each.to.join(", ") },
  { id: "digest", title: "How", value: (each) => (each.digest ? "in the digest" : "at once") },
  { id: "continues", title: "Then", value: (each) => (each.continues ? "later routes, too" : "no other route"), wide: true },
];

export function Routes() {
  const routes = useRoutes();
  const { may } = useSession();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Explain />
      <Panel
        title="Routes"
        says="The first that fits decides; without any, notices go by severity."
        flush
        actions={
          may("admin") && (
            <button type="button" className="button small" onClick={() => setEditing(true)}>
              Change
            </button>
          )
        }
      >
        <Loaded query={routes}>
          {(data) => (data.items.length ? <Table label="Routes" columns={COLUMNS} rows={data.items} keyOf={(_, index) => String(index)} /> : <Empty title="No route is declared">Notices go by severity to every channel that fits.</Empty>)}
        </Loaded>
        {editing && <SectionDialog section="routes" title="Routes" onClose={() => setEditing(false)} />}
      </Panel>
    </>
  );
}

function Explain() {
  const [url, change] = useUrl();
  const overview = useOverview();
  const models = overview.data?.items.map((each) => each.model).sort() ?? [];
  const model = url.get("model") ?? models[0] ?? null;
  const severity = url.get("severity") ?? "critical";
  const explained = useExplained({ model, severity }, model !== null);
  return (
    <Panel title="Who would be told now?" says={explained.data?.sentence}>
      <div className="stack">
        <div className="filters">
          <Field label="Model">
            <Select value={model ?? ""} choices={models.map((value) => ({ value, label: value }))} onChange={(event) => change({ model: event.target.value })} />
          </Field>
          <Field label="Severity">
            <Select value={severity} choices={["critical", "warning"].map((value) => ({ value, label: value }))} onChange={(event) => change({ severity: event.target.value })} />
          </Field>
        </div>
        {explained.error ? (
          <Fault error={explained.error} />
        ) : !explained.data ? (
          <Loading lines={2} />
        ) : (
          <ol className="stack tight">
            {explained.data.routes.map((route) => (
              <li key={route.number} className="row wrap">
                <Mark of={route.taken ? "ok" : "unknown"} word={route.taken ? "decides" : route.fits ? "fits" : "does not fit"} />
                <strong>Route {route.number}</strong>
                <span>to {route.to.join(", ")}</span>
                <span className="soft">{route.because}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Panel>
  );
}
