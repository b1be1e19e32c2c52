/** One model: what it is and how it is doing, its versions, baselines, limits and file, the ways to reports and Dagster. */

import { Link, useSearchParams } from "wouter";

import { useAbout, useModel, useFleet, useVersions } from "../../api/queries";
import type { Version } from "../../api/types";
import { FilterBar, useFilters } from "../../filters/FilterBar";
import { linkTo } from "../../filters/url";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Tabs } from "../../kit/Tabs";
import { Time } from "../../kit/Time";
import { useSession } from "../../session/Session";
import { dayOf, nameOf, plural } from "../../words/format";
import { Baselines } from "./Baselines";
import { ModelFile } from "./File";
import { Limits } from "./Limits";
import { RecordsOfDay } from "./Records";

export default function Model() {
  const { model } = useFilters();
  const { may } = useSession();
  const query = useModel(model);
  const fleet = useFleet();
  const line = fleet.data?.items.find((each) => each.model === model);
  const tabs = [
    { id: "about", title: "About", content: () => <About model={model} /> },
    { id: "baselines", title: "Baselines", content: () => <Baselines model={model} /> },
    { id: "limits", title: "Limits", content: () => <Limits model={model} /> },
    { id: "records", title: "Records", content: () => <RecordsOfDay model={model} /> },
    ...(may("admin") ? [{ id: "file", title: "File", content: () => <ModelFile model={model} /> }] : []),
  ];
  return (
    <>
      <div className="page-head">
        <h1>{model ?? "Model"}</h1>
        {line && (
          <p className="lead row" style={{ alignItems: "baseline" }}>
            <Mark of={line.health} /> <span>{line.why}</span>
          </p>
        )}
        <FilterBar version={false} time={false} />
      </div>
      <Loaded query={query} lines={10}>
        {() => <Tabs label="About the model" tabs={tabs} />}
      </Loaded>
    </>
  );
}

const PLACES = [
  ["/drift", "Drift"],
  ["/fairness", "Fairness"],
  ["/health", "Health"],
  ["/incidents", "Incidents"],
  ["/reports", "Reports"],
] as const;

function About({ model }: { model: string | null }) {
  const query = useModel(model);
  const versions = useVersions(model);
  const about = useAbout();
  const [params] = useSearchParams();
  const of = query.data;
  if (!of) return <Loaded query={query} lines={10}>{() => null}</Loaded>;
  const dagster = of.dagster ?? about.data?.dagster_url;
  return (
    <>
      <div className="row wrap">
        {PLACES.map(([path, title]) => (
          <Link key={path} className="button small" href={linkTo(path, params, { model })}>
            {title}
          </Link>
        ))}
        {dagster && (
          <a className="button small" href={dagster} target="_blank" rel="noreferrer">
            Lineage in Dagster
          </a>
        )}
      </div>
      <div className="grid" style={{ "--least": "420px", alignItems: "start" } as React.CSSProperties}>
        <Panel title="What it is" says={of.description ?? undefined}>
          <dl className="facts">
            <dt>Task</dt>
            <dd>{of.task}</dd>
            <dt>Version</dt>
            <dd>{of.version}</dd>
            <dt>Owner</dt>
            <dd>{of.owner ?? "nobody is named"}</dd>
            <dt>Last analysed day</dt>
            <dd>{dayOf(of.last_day)}</dd>
            <dt>Analysed</dt>
            <dd>
              <Time at={of.analysed_at} />
            </dd>
            {Object.entries(of.declared)
              .filter(([key]) => !["model", "task", "version", "owner", "description", "thresholds"].includes(key))
              .map(([key, value]) => (
                <Fact key={key} name={nameOf(key)} value={value} />
              ))}
          </dl>
        </Panel>
        <Panel title="Versions" says={versions.data && `${plural(versions.data.items.length, "version")} reported predictions`} flush actions={<CsvButton title={`versions of ${model}`} columns={VERSIONS} rows={versions.data?.items ?? []} />}>
          <Loaded query={versions}>
            {(data) => (data.items.length ? <Table label="Versions" columns={VERSIONS} rows={data.items} keyOf={(each) => each.version} /> : <Empty title="No version was seen yet" />)}
          </Loaded>
        </Panel>
      </div>
    </>
  );
}

function Fact({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{told(value)}</dd>
    </>
  );
}

function told(value: unknown): React.ReactNode {
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (value && typeof value === "object") {
    return (
      <dl className="facts">
        {Object.entries(value).map(([key, each]) => (
          <Fact key={key} name={key} value={each} />
        ))}
      </dl>
    );
  }
  return String(value);
}

const VERSIONS: readonly TableColumn<Version>[] = [
  { id: "version", title: "Version", value: (each) => each.version, cell: (each) => <strong>{each.version}</strong> },
  { id: "first", title: "First day", value: (each) => each.first_day, cell: (each) => dayOf(each.first_day) },
  { id: "last", title: "Last day", value: (each) => each.last_day, cell: (each) => dayOf(each.last_day) },
  { id: "days", title: "Days", number: true, value: (each) => each.days },
];
