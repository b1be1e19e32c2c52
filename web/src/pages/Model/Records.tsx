/** Every number of a day with its verdict: what the pages draw, as it is stored. */

import { type ReactNode, useMemo } from "react";

import { useAbout, useModel, useRecords, useSummary } from "../../api/queries";
import type { MetricRecord } from "../../api/types";
import { useUrl } from "../../filters/url";
import { Field, Input, Select } from "../../kit/Form";
import { VerdictMark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { dayOf, figure, interval, label, nameOf, plural, valueOf } from "../../words/format";
import { meaning } from "../../words/verdicts";
import { Of } from "../Of";

const FAMILIES = ["drift", "quality", "fairness", "performance", "estimate", "operations", "privacy"];
const WINDOWS = ["1d", "24h", "7d", "30d"].map((value) => ({ value, label: value }));
const VERDICTS = ["critical", "warning", "watch", "ok", "insufficient", "not_estimable", "unsupported"];

export function RecordsOfDay({ model }: { model: string | null }) {
  const [url, change] = useUrl();
  const detail = useModel(model);
  const day = url.get("day") ?? detail.data?.last_day ?? null;
  const [family, window, verdict] = [url.get("family") ?? "drift", url.get("window") ?? "1d", url.get("verdict")];
  const records = useRecords(day ? model : null, { from: day, to: day, family, window, verdict, limit: 500 });
  const rows = useMemo(() => [...(records.data?.metrics ?? [])].sort((a, b) => meaning(b.verdict).rank - meaning(a.verdict).rank), [records.data]);
  const first = rows[0];
  const shown = useMemo(() => COLUMNS.filter((each) => !SOMETIMES.has(each.id) || rows.some((row) => each.value(row) !== null)), [rows]);
  return (
    <Panel
      title={`Records of ${dayOf(day)}`}
      says={first && <Origin count={`${plural(rows.length, "record")}${records.data?.next ? ", the first of more" : ""}`} of={first} model={model ?? ""} />}
      flush
      actions={<CsvButton title={`records ${model} ${day} ${family}`} columns={EXPORTED} rows={rows} />}
    >
      <div className="filters inside">
        <Field label="Day (UTC)">
          <Input type="date" value={day ?? ""} onChange={(event) => change({ day: event.target.value })} />
        </Field>
        <Field label="Family">
          <Select value={family} choices={FAMILIES.map((value) => ({ value, label: nameOf(value) }))} onChange={(event) => change({ family: event.target.value })} />
        </Field>
        <Field label="Window">
          <Select value={window} choices={WINDOWS} onChange={(event) => change({ window: event.target.value })} />
        </Field>
        <Field label="Verdict">
          <Select value={verdict ?? ""} choices={[{ value: "", label: "All" }, ...VERDICTS.map((value) => ({ value, label: meaning(value).word }))]} onChange={(event) => change({ verdict: event.target.value })} />
        </Field>
      </div>
      <Loaded query={records} lines={8}>
        {() => (rows.length ? <Table label="Records" columns={shown} rows={rows} keyOf={(_, index) => String(index)} /> : <Empty title="No record is like that" />)}
      </Loaded>
    </Panel>
  );
}

/** What they were compared with, and the ways on: the run that made them and the day's report. */
function Origin({ count, of, model }: { count: string; of: MetricRecord; model: string }) {
  const about = useAbout();
  const summary = useSummary(model, of.day);
  const run = of.run_id && about.data?.dagster_url ? `${about.data.dagster_url}/runs/${of.run_id}` : null;
  const named = `Dagster run ${of.run_id?.slice(0, 8) ?? "none"}`;
  const report = summary.data?.reports.html;
  return (
    <>
      {count}; against baseline <span title={of.baseline_id ?? undefined}>{of.baseline_id?.slice(0, 12) ?? "none"}</span>, {run ? <Away to={run}>{named}</Away> : named}
      {report && (
        <>
          , <Away to={report}>report of the day</Away>
        </>
      )}
      .
    </>
  );
}

function Away({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a href={to} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

const COLUMNS: readonly TableColumn<MetricRecord>[] = [
  { id: "metric", title: "Metric", value: (each) => each.metric, cell: (each) => <Told of={each} /> },
  { id: "column", title: "Of", value: (each) => label(each.column), cell: (each) => <Of column={each.column} inside={[each.group, each.segment]} /> },
  { id: "group", title: "Group", value: (each) => (each.group === null ? null : label(each.group)), wide: true },
  { id: "segment", title: "Segment", value: (each) => (each.segment === null ? null : label(each.segment)), wide: true },
  { id: "value", title: "Value", number: true, value: (each) => each.value, cell: (each) => valueOf(each.metric, each.value) },
  { id: "interval", title: "95 % interval", value: (each) => interval(each.metric, each.low, each.high), wide: true },
  { id: "limit", title: "Limit", number: true, value: (each) => each.threshold, cell: (each) => figure(each.threshold) },
  { id: "verdict", title: "Verdict", value: (each) => each.verdict, order: (each) => meaning(each.verdict).rank, cell: (each) => <VerdictMark {...each} /> },
  { id: "rows", title: "Rows", number: true, value: (each) => each.n_current, cell: (each) => figure(each.n_current), wide: true },
];

/** What is only taken away: on the page it stands below the metric. */
const EXPORTED: readonly TableColumn<MetricRecord>[] = [...COLUMNS, { id: "reason", title: "Why", value: (each) => each.reason }];

/** Columns that are left out where no record has such a thing. */
const SOMETIMES = new Set(["group", "segment"]);

function Told({ of }: { of: MetricRecord }) {
  return (
    <span className="stack" style={{ gap: 0 }}>
      <span>{nameOf(of.metric)}</span>
      {of.reason && <span className="soft small reason">{of.reason}</span>}
    </span>
  );
}
