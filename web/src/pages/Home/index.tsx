/** Every model in one table, worst first: what happened in words, then the numbers, each with its line of 30 days. */

import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { useFleet, useOverview } from "../../api/queries";
import type { FleetModel, Head } from "../../api/types";
import { linkTo, useUrl } from "../../filters/url";
import { Field, Input, Select } from "../../kit/Form";
import { Mark, VerdictMark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Sparkline } from "../../kit/Sparkline";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { useLive } from "../../live/Live";
import { useSession } from "../../session/Session";
import { compact, dayOf, interval, label, nameOf, plural, valueOf } from "../../words/format";
import { isReserved, meaning } from "../../words/verdicts";
import { Declare } from "./Declare";
import { inWords, matches } from "./words";

const STATES: readonly FleetModel["health"][] = ["critical", "warning", "late", "unanalysed", "ok", "retired"];

export default function Home() {
  const overview = useOverview();
  const fleet = useFleet();
  const [params, change] = useUrl();
  const [, go] = useLocation();
  const { may } = useSession();
  const [declaring, setDeclaring] = useState(false);
  return (
    <>
      <div className="page-head">
        <div className="row apart">
          <h1>All models</h1>
          {may("admin") && (
            <button type="button" className="button" onClick={() => setDeclaring(true)}>
              Declare a model
            </button>
          )}
          {declaring && <Declare onClose={() => setDeclaring(false)} />}
        </div>
        {fleet.data && <p className="lead">{inWords(fleet.data.items)}</p>}
        <div className="filters" role="search" aria-label="Filters">
          <Field label="Find">
            <Input
              type="search"
              placeholder="model, owner, task"
              value={params.get("find") ?? ""}
              onChange={(event) => change({ find: event.target.value })}
            />
          </Field>
          <Field label="State">
            <Select
              value={params.get("state") ?? ""}
              onChange={(event) => change({ state: event.target.value })}
              choices={[{ value: "", label: "All" }, ...STATES.map((value) => ({ value, label: meaning(value).word }))]}
            />
          </Field>
        </div>
      </div>
      <Loaded query={overview} lines={10}>
        {(data) => {
          const fits = (each: FleetModel) => matches(each, params.get("find") ?? "", params.get("state"));
          const shown = data.items.filter(fits);
          const all = fleet.data?.items ?? data.items;
          const found = all.filter(fits).length;
          if (data.items.length === 0) {
            return (
              <Panel title="Models">
                <Empty title="No model is declared yet">
                  Put a file into <code>models/</code>, or run <code>aimon init</code>; it appears here without a restart.
                </Empty>
              </Panel>
            );
          }
          return (
            <Panel
              title={found === all.length ? plural(found, "model") : `${found} of ${plural(all.length, "model")}`}
              flush
              actions={<CsvButton title="models" columns={COLUMNS} rows={shown} />}
            >
              <Table
                label="Models, worst first"
                columns={COLUMNS}
                rows={shown}
                keyOf={(each) => each.model}
                onOpen={(each) => go(linkTo("/model", params, { model: each.model }))}
                height={found > 60 ? 1200 : undefined}
                rowHeight={58}
              />
              {shown.length === 0 && <Empty title="No model is like that" />}
            </Panel>
          );
        }}
      </Loaded>
    </>
  );
}

function ModelCell({ of }: { of: FleetModel }) {
  const [params] = useSearchParams();
  return (
    <div className="stack" style={{ gap: 0, minWidth: 150 }}>
      <Link href={linkTo("/model", params, { model: of.model })} onClick={(event) => event.stopPropagation()}>
        <strong>{of.model}</strong>
      </Link>
      <span className="soft small">
        {of.version}
        {of.owner ? ` · ${of.owner}` : ""}
      </span>
    </div>
  );
}

function StateCell({ of }: { of: FleetModel }) {
  return <VerdictMark verdict={of.health} reason={of.why} />;
}

function IncidentsCell({ of }: { of: FleetModel }) {
  const [params] = useSearchParams();
  const standing = ["critical", "warning", "info"].filter((each) => (of.incidents[each] ?? 0) > 0);
  if (standing.length === 0) return <span className="soft">none</span>;
  return (
    <Link
      href={linkTo("/incidents", params, { model: of.model, status: "standing" })}
      className="row"
      aria-label={standing.map((each) => `${of.incidents[each]} ${each}`).join(", ")}
      onClick={(event) => event.stopPropagation()}
    >
      {standing.map((each) => (
        <Mark key={each} of={each} word={String(of.incidents[each])} />
      ))}
    </Link>
  );
}

function HeadCell({ head, days }: { head: Head | null; days?: boolean }) {
  if (!head) return <span className="soft">–</span>;
  const { look, word } = meaning(head.verdict);
  const reserved = isReserved(head.verdict, head.maturity) || head.estimated;
  const bounds = interval(head.metric, head.low, head.high);
  const says = `${nameOf(head.metric)}${head.column ? ` of ${label(head.column)}` : ""} ${valueOf(head.metric, head.value)}${bounds ? ` (${bounds})` : ""} on ${dayOf(head.day)}, ${word}; 30 days`;
  return (
    <div className="row">
      <Sparkline values={head.trend} label={says} look={look} limit={head.threshold} low={head.low} high={head.high} width={52} />
      <span className="stack" style={{ gap: 0 }}>
        <span className={look === "ok" ? undefined : `ink-${look}`} style={{ fontWeight: 600 }}>
          {reserved ? "≈ " : ""}
          {valueOf(head.metric, head.value)}
        </span>
        <span className="soft small">
          {head.estimated ? "estimated" : head.maturity === "provisional" ? "provisional" : head.column ? label(head.column) : days ? "a day" : head.metric === "drift_score" ? "of 100" : nameOf(head.metric)}
        </span>
      </span>
    </div>
  );
}

function LiveCell({ of }: { of: FleetModel }) {
  const live = useLive(of.model);
  if (live.length === 0) return <HeadCell head={of.volume} days />;
  const calls = live.reduce((sum, each) => sum + each.calls, 0);
  return (
    <div className="row">
      <Sparkline values={of.volume?.trend ?? []} label="Rows a day, 30 days" width={52} />
      <span className="stack" style={{ gap: 0 }}>
        <span style={{ fontWeight: 600 }} data-live={of.model}>
          {compact(calls)}
        </span>
        <span className="small ink-ok">live, {live[0]?.minutes} min</span>
      </span>
    </div>
  );
}

const COLUMNS: readonly TableColumn<FleetModel>[] = [
  { id: "model", title: "Model", value: (each) => each.model, cell: (each) => <ModelCell of={each} /> },
  { id: "state", title: "State", value: (each) => each.health, order: (each) => meaning(each.health).rank, cell: (each) => <StateCell of={each} /> },
  {
    id: "incidents",
    title: "Open",
    value: (each) => (each.incidents.critical ?? 0) + (each.incidents.warning ?? 0),
    order: (each) => (each.incidents.critical ?? 0) * 1000 + (each.incidents.warning ?? 0),
    cell: (each) => <IncidentsCell of={each} />,
  },
  { id: "drift", title: "Drift", value: (each) => each.drift?.value, cell: (each) => <HeadCell head={each.drift} /> },
  {
    id: "fairness",
    title: "Fairness",
    value: (each) => each.fairness?.value,
    order: (each) => (each.fairness ? meaning(each.fairness.verdict).rank : null),
    cell: (each) => <HeadCell head={each.fairness} />,
  },
  { id: "performance", title: "Performance", value: (each) => each.performance?.value, cell: (each) => <HeadCell head={each.performance} /> },
  { id: "volume", title: "Volume", value: (each) => each.volume?.value, cell: (each) => <LiveCell of={each} /> },
  { id: "cost", title: "Cost", value: (each) => each.cost?.value, cell: (each) => <HeadCell head={each.cost} days /> },
  { id: "day", title: "Analysed", value: (each) => each.last_day, cell: (each) => <span className="soft">{dayOf(each.last_day)}</span> },
];
