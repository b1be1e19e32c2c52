/** Which notices go where: the routes in order, who would be told now; an admin adds, changes and removes routes. */

import { useState } from "react";

import { useExplained, useFleet, useRoutes } from "../../api/queries";
import type { Route } from "../../api/types";
import { useUrl } from "../../filters/url";
import { Field, Select } from "../../kit/Form";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Fault, Loaded, Loading } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { useSession } from "../../session/Session";
import { LastChange } from "../Undo";
import { conditions } from "./matchers";
import { RouteForm } from "./RouteForm";

interface Numbered extends Route {
  number: number;
}

const COLUMNS: readonly TableColumn<Numbered>[] = [
  { id: "number", title: "No.", number: true, value: (each) => each.number },
  { id: "when", title: "What", value: (each) => conditions(each.when), wrap: true },
  { id: "to", title: "Goes to", value: (each) => each.to.join(", ") || "nobody", wrap: true },
  { id: "digest", title: "How", value: (each) => (each.digest ? "in the digest" : "at once") },
  { id: "continues", title: "Then", value: (each) => (each.continues ? "later routes, too" : "no other route"), wide: true },
];

type Deed = { place: number | null; removes?: boolean };

export function Routes() {
  const routes = useRoutes();
  const { may } = useSession();
  const [deed, setDeed] = useState<Deed | null>(null);
  const rows = (routes.data?.items ?? []).map((each, index) => ({ ...each, number: index + 1 }));
  const columns: readonly TableColumn<Numbered>[] = may("admin")
    ? [...COLUMNS, { id: "deeds", title: "", sorts: false, value: () => "", cell: (each) => <Deeds of={each} onAct={setDeed} /> }]
    : COLUMNS;
  return (
    <>
      <Explain />
      <Panel
        title="Routes"
        says="The first that fits decides; without any, notices go by severity."
        flush
        actions={
          <>
            {may("admin") && (
              <button type="button" className="button small" onClick={() => setDeed({ place: null })}>
                Add a route
              </button>
            )}
            <CsvButton title="routes" columns={COLUMNS} rows={rows} />
          </>
        }
      >
        <Loaded query={routes}>
          {() => (rows.length ? <Table label="Routes" columns={columns} rows={rows} keyOf={(each) => String(each.number)} /> : <Empty title="No route is declared">Notices go by severity to every channel that fits.</Empty>)}
        </Loaded>
        <LastChange section="routes" />
        {deed && <RouteForm {...deed} onClose={() => setDeed(null)} />}
      </Panel>
    </>
  );
}

function Deeds({ of, onAct }: { of: Numbered; onAct: (deed: Deed) => void }) {
  const place = of.number - 1;
  return (
    <span className="row" style={{ justifyContent: "flex-end" }}>
      <button type="button" className="button quiet small" aria-label={`Change route ${of.number}`} onClick={() => onAct({ place })}>
        Change
      </button>
      <button type="button" className="button quiet small" aria-label={`Remove route ${of.number}`} onClick={() => onAct({ place, removes: true })}>
        Remove
      </button>
    </span>
  );
}

function Explain() {
  const [url, change] = useUrl();
  const fleet = useFleet();
  const models = fleet.data?.items.map((each) => each.model).sort() ?? [];
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
        {fleet.data && model === null ? (
          <Empty title="No model is declared yet">Without one there is nobody to tell about.</Empty>
        ) : explained.error ? (
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
