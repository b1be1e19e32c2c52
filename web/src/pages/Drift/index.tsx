/** Whether the data moved: the score and its month, each column's distances, and a day's distributions behind a point. */

import { useMemo } from "react";

import { useDistribution, useRecords, useTrends } from "../../api/queries";
import type { MetricRecord, Series } from "../../api/types";
import { TrendFigure } from "../../charts/TrendFigure";
import { FilterBar, useFilters } from "../../filters/FilterBar";
import { timeOf, useUrl } from "../../filters/url";
import { Segmented } from "../../kit/Form";
import { Gauge } from "../../kit/Gauge";
import { Mark, VerdictMark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Tile } from "../../kit/Tile";
import { dayOf, figure, interval, label, nameOf, plural, valueOf } from "../../words/format";
import { meaning, worst } from "../../words/verdicts";
import { lastDay, limitOf, linesOf } from "../day";
import { Distribution } from "../Distribution";
import { Heading } from "../Heading";

const SCORED = "symmetric_chi2"; // of sealed models that give scores only, in the place of all others
const CARDS = ["psi", "kl", "wasserstein", SCORED] as const;
const MEANT: Record<string, string> = {
  psi: "Population stability: the one test that alarms",
  kl: "How surprising today is to the baseline",
  wasserstein: "How far rows moved, in reference scale units",
  [SCORED]: "Scored without counts: the one test that alarms",
};
const WINDOWS = [
  { value: "1d", label: "Day" },
  { value: "7d", label: "7 d" },
  { value: "30d", label: "30 d" },
];

export default function Drift() {
  const filters = useFilters();
  const [url, change] = useUrl();
  const window = WINDOWS.some((each) => each.value === url.get("window")) ? (url.get("window") ?? "1d") : "1d";
  const segment = filters.segment ?? "";
  const time = filters.range === "24h" ? { range: "7d" } : timeOf(filters);
  const scores = useTrends(filters.model, { metric: "drift_score", segment, window, ...time });
  const scoreLines = useMemo(() => linesOf(scores.data?.items ?? [], filters, () => "Drift score"), [scores.data, filters]);
  const day = url.get("day") ?? lastDay(scoreLines);
  const asked = filters.version ? day : url.get("day"); // without one the service takes the last day, and one need not wait
  const found = useDistribution(filters.model, { day: asked, segment: filters.segment, window, column: url.get("column") });
  const column = url.get("column") ?? found.data?.shown?.column ?? null;
  const distances = useTrends(column ? filters.model : null, { metric: [...CARDS], column, segment, window, ...time });
  const compared = useCompared(filters.model, day, window, segment);
  const drawn = found.data?.columns.map((each) => each.verdict) ?? [];
  const judged = drawn.length ? drawn : compared.rows.map((each) => each.verdict); // what was never counted here has no bins
  const state = judged.length ? worst(judged) : "unknown";
  const alarming = judged.filter((each) => each === "critical" || each === "warning").length;
  const score = scoreLines[0]?.points.find((point) => point.day === day);
  return (
    <>
      <Heading
        title="Drift"
        families={["drift", "quality"]}
        day={url.get("day")}
        calm="The data looks as it did in the baseline."
        filters={
          <div className="filters">
            <FilterBar segments={found.data?.segments} />
            <div className="field">
              <span>Window</span>
              <Segmented label="Window" choices={WINDOWS} value={window} onChange={(value) => change({ window: value === "1d" ? null : value })} />
            </div>
          </div>
        }
      />
      <div className="stack">
        <div className="grid" style={{ gridTemplateColumns: "minmax(min(100%, 260px), 1fr) minmax(0, 3fr)" }} data-narrow="stack">
          <Panel title="Drift score" says="0 calm, 100 every column beyond its limit">
            {score ? (
              <div style={{ display: "grid", justifyItems: "center", gap: 6 }}>
                <Gauge
                  value={score.value}
                  max={100}
                  text={figure(score.value === null ? null : Math.round(score.value))}
                  label={`Drift score ${figure(score.value)} of 100`}
                  look={meaning(state).look}
                  limits={score.threshold ? [score.threshold] : []}
                />
                <span className="row wrap">
                  <Mark of={state} word={alarming ? plural(alarming, "column") : undefined} /> <span className="soft small">{dayOf(day)}</span>
                </span>
              </div>
            ) : (
              <Loaded query={scores}>{() => <Empty title="No score of this day" />}</Loaded>
            )}
          </Panel>
          <Loaded query={scores} lines={8}>
            {() => (
              <TrendFigure
                title="Drift score by day"
                says="Choose a point to see that day."
                lines={scoreLines}
                options={{ zero: true, chosen: day, limits: limits(scoreLines[0]) }}
                onDay={(chosen) => change({ day: chosen })}
                height={216}
              />
            )}
          </Loaded>
        </div>
        {column !== null && (
          <Loaded query={distances} lines={3}>
            {(data) => <Cards series={data.items} version={filters.version} day={day} column={column} />}
          </Loaded>
        )}
        <div className="grid" style={{ "--least": "440px" } as React.CSSProperties}>
          <Distribution model={filters.model} day={asked} column={url.get("column")} segment={filters.segment} window={window} height={292} />
          <Columns model={filters.model} day={day} window={window} segment={segment} chosen={column} onChoose={(name) => change({ column: name })} />
        </div>
        {distances.data && <DistanceTrend series={distances.data.items} version={filters.version} column={column} day={day} onDay={(chosen) => change({ day: chosen })} />}
      </div>
    </>
  );
}

function limits(line: Parameters<typeof limitOf>[0]) {
  const found = limitOf(line);
  return found === null ? [] : [{ value: found, name: "limit" }];
}

function isScored(series: readonly Series[]) {
  return series.some((each) => each.metric === SCORED);
}

function Cards({ series, version, day, column }: { series: readonly Series[]; version: string | null; day: string | null; column: string | null }) {
  const lines = linesOf(series, { version });
  return (
    <div className="grid" style={{ "--least": "230px" } as React.CSSProperties}>
      {CARDS.filter((metric) => (metric === SCORED) === isScored(series)).map((metric) => {
        const line = lines.find((each) => each.metric === metric);
        const point = line?.points.find((each) => each.day === day);
        return (
          <Tile
            key={metric}
            name={`${nameOf(metric)}${column ? ` of ${column}` : ""}`}
            value={figure(point?.value)}
            bounds={point && interval(metric, point.low, point.high)}
            verdict={point?.verdict ?? "unsupported"}
            reason={point ? point.reason : "This column has no such number."}
            trend={line?.points.map((each) => each.value)}
            limit={point?.threshold}
            low={point?.low}
            high={point?.high}
            below={MEANT[metric]}
          />
        );
      })}
    </div>
  );
}

function DistanceTrend({ series, version, column, day, onDay }: { series: readonly Series[]; version: string | null; column: string | null; day: string | null; onDay: (day: string) => void }) {
  const measure = isScored(series) ? SCORED : "psi";
  const lines = useMemo(() => linesOf(series.filter((each) => each.metric === measure), { version }), [series, version, measure]);
  if (!column) return null;
  return (
    <TrendFigure
      title={`${nameOf(measure)} of ${column} by day`}
      says="The band is the 95 % interval; hollow points have too few rows to tell."
      lines={lines}
      options={{ zero: true, chosen: day, limits: limits(lines[0]) }}
      onDay={onDay}
    />
  );
}

/** Each column's one alarming distance of a day, what drifts most first. */
function useCompared(model: string | null, day: string | null, window: string, segment: string) {
  const asked = { from: day, to: day, window, family: "drift", segment } as const;
  const scored = useRecords(day ? model : null, { ...asked, metric: SCORED });
  const query = useRecords(day ? model : null, { ...asked, metric: "psi" });
  const measure = scored.data?.metrics.length ? SCORED : "psi";
  const found = measure === SCORED ? scored.data : query.data;
  const rows = useMemo(
    () =>
      (found?.metrics ?? [])
        .filter((each) => each.column !== null)
        .sort((a, b) => meaning(b.verdict).rank - meaning(a.verdict).rank || (b.value ?? 0) - (a.value ?? 0)),
    [found],
  );
  return { query, measure, rows };
}

interface ColumnsProps {
  model: string | null;
  day: string | null;
  window: string;
  segment: string;
  chosen: string | null;
  onChoose: (column: string) => void;
}

function Columns({ model, day, window, segment, chosen, onChoose }: ColumnsProps) {
  const { query, measure, rows } = useCompared(model, day, window, segment);
  const columns: readonly TableColumn<MetricRecord>[] = [
    {
      id: "column",
      title: "Column",
      value: (each) => label(each.column),
      cell: (each) => (
        <button type="button" className="button quiet small" aria-pressed={label(each.column) === chosen} onClick={() => onChoose(label(each.column))}>
          {label(each.column) === chosen ? "▸ " : ""}
          {label(each.column)}
        </button>
      ),
    },
    { id: "psi", title: nameOf(measure), number: true, value: (each) => each.value, cell: (each) => valueOf(measure, each.value) },
    { id: "interval", title: "95 % interval", value: (each) => interval(measure, each.low, each.high), wide: true },
    { id: "limit", title: "Limit", number: true, value: (each) => each.threshold, cell: (each) => figure(each.threshold), wide: true },
    { id: "verdict", title: "Verdict", value: (each) => each.verdict, order: (each) => meaning(each.verdict).rank, cell: (each) => <VerdictMark {...each} /> },
    { id: "rows", title: "Rows", number: true, value: (each) => each.n_current, cell: (each) => figure(each.n_current), wide: true },
  ];
  return (
    <Panel title="Columns" says={`${dayOf(day)}, what drifts most first`} flush actions={<CsvButton title={`drift ${model} ${day}`} columns={columns} rows={rows} />}>
      <Loaded query={query}>
        {() => (rows.length ? <Table label="Columns" columns={columns} rows={rows} keyOf={(each, index) => `${label(each.column)}${index}`} onOpen={(each) => onChoose(label(each.column))} height={330} /> : <Empty title="No column was compared on this day" />)}
      </Loaded>
    </Panel>
  );
}
