/** Whether groups are treated alike: the gaps with badges, each group with its interval, the 80 % line, the history. */

import { useMemo } from "react";

import { useRecords, useTrends } from "../../api/queries";
import type { MetricRecord } from "../../api/types";
import { Figure } from "../../charts/Figure";
import { type Dot, intervals } from "../../charts/intervals";
import { TrendFigure } from "../../charts/TrendFigure";
import { FilterBar, useFilters } from "../../filters/FilterBar";
import { timeOf, useUrl } from "../../filters/url";
import { Field, Segmented, Select } from "../../kit/Form";
import { VerdictMark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Tile } from "../../kit/Tile";
import { dayOf, figure, interval, label, nameOf, valueOf } from "../../words/format";
import { meaning, worst } from "../../words/verdicts";
import { lastDay, limitOf, linesOf } from "../day";
import { Heading } from "../Heading";
import { fourFifths } from "./words";

const GAPS = ["demographic_parity_difference", "equal_opportunity_difference", "disparate_impact"] as const;
const MEANT: Record<string, string> = {
  demographic_parity_difference: "Between the highest and the lowest share selected",
  equal_opportunity_difference: "Between true positive rates; needs labels",
  disparate_impact: "Lowest share selected over the highest; the 80 % rule wants 0.8",
};
const GROUP_METRICS = ["selection_rate", "tpr", "fpr", "ppv"].map((value) => ({ value, label: nameOf(value) }));
const WINDOWS = [
  { value: "1d", label: "Day" },
  { value: "7d", label: "7 d" },
  { value: "30d", label: "30 d" },
];

export default function Fairness() {
  const filters = useFilters();
  const [url, change] = useUrl();
  const window = WINDOWS.some((each) => each.value === url.get("window")) ? (url.get("window") ?? "30d") : "30d";
  const time = filters.range === "24h" ? { range: "7d" } : timeOf(filters);
  const gaps = useTrends(filters.model, { metric: [...GAPS], segment: filters.segment ?? "", window, ...time });
  const attributes = useMemo(() => {
    const found = new Map<string, string[]>();
    for (const each of gaps.data?.items ?? []) found.set(label(each.column), [...(found.get(label(each.column)) ?? []), each.points.at(-1)?.verdict ?? "ok"]);
    return [...found].sort((a, b) => meaning(worst(b[1])).rank - meaning(worst(a[1])).rank || a[0].length - b[0].length);
  }, [gaps.data]);
  const attribute = url.get("attribute") ?? attributes[0]?.[0] ?? null;
  const lines = useMemo(
    () => linesOf((gaps.data?.items ?? []).filter((each) => label(each.column) === attribute), { version: filters.version }, (each) => nameOf(each.metric)),
    [gaps.data, attribute, filters.version],
  );
  const day = url.get("day") ?? lastDay(lines);
  const metric = GROUP_METRICS.some((each) => each.value === url.get("metric")) ? (url.get("metric") ?? "selection_rate") : "selection_rate";
  const records = useRecords(day ? filters.model : null, { from: day, to: day, window, family: "fairness", metric, segment: filters.segment ?? "" });
  const own = useMemo(() => (records.data?.metrics ?? []).filter((each) => label(each.column) === attribute && each.group !== null), [records.data, attribute]);
  const chosen = own.find((each) => label(each.group) === filters.group);
  const pick = (chosen: string) => change({ day: chosen });
  return (
    <>
      <Heading
        title="Fairness"
        families={["fairness"]}
        day={url.get("day")}
        calm="No gap between groups is beyond its limit."
        filters={
          <div className="filters">
            <FilterBar groups={own.map((each) => label(each.group)).sort()} />
            {attributes.length > 0 && (
              <Field label="Attribute">
                <Select
                  value={attribute ?? ""}
                  onChange={(event) => change({ attribute: event.target.value, group: null })}
                  choices={attributes.map(([value, verdicts]) => ({ value, label: `${value}${worst(verdicts) === "ok" ? "" : ` (${meaning(worst(verdicts)).word.toLowerCase()})`}` }))}
                />
              </Field>
            )}
            <div className="field">
              <span>Window</span>
              <Segmented label="Window" choices={WINDOWS} value={window} onChange={(value) => change({ window: value === "30d" ? null : value })} />
            </div>
          </div>
        }
      />
      <Loaded query={gaps} lines={10}>
        {() =>
          attributes.length === 0 ? (
            <Panel title="Groups">
              <Empty title="No protected attribute is declared for this model, or no day is judged">
                <code>columns.protected</code> in its file names them.
              </Empty>
            </Panel>
          ) : (
            <div className="stack">
              <Badges lines={lines} day={day} />
              <Groups query={records} own={own} model={filters.model} day={day} window={window} attribute={attribute} metric={metric} group={filters.group} />
              {filters.group && <GroupTrend of={chosen} asked={{ model: filters.model, metric, segment: filters.segment ?? "", window, ...time }} version={filters.version} day={day} onDay={pick} />}
              <div className="grid" style={{ "--least": "440px" } as React.CSSProperties}>
                <TrendFigure
                  title="Disparate impact"
                  says="Below the line the least selected group gets less than 80 % of the most selected."
                  lines={lines.filter((line) => line.metric === "disparate_impact")}
                  options={{ zero: true, limits: [{ value: limitOf(lines.find((line) => line.metric === "disparate_impact")) ?? 0.8, name: "80 %" }], chosen: day }}
                  onDay={pick}
                />
                <TrendFigure
                  title="Gaps between groups"
                  says="The wider the band, the fewer rows say so."
                  lines={lines.filter((line) => line.metric !== "disparate_impact")}
                  options={{ zero: true, chosen: day, limits: limitsOf(lines) }}
                  onDay={pick}
                />
              </div>
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function limitsOf(lines: ReturnType<typeof linesOf>) {
  const found = limitOf(lines.find((line) => line.metric === "demographic_parity_difference"));
  return found === null ? [] : [{ value: found, name: "limit" }];
}

function Badges({ lines, day }: { lines: ReturnType<typeof linesOf>; day: string | null }) {
  return (
    <div className="grid" style={{ "--least": "260px" } as React.CSSProperties}>
      {GAPS.map((metric) => {
        const line = lines.find((each) => each.metric === metric);
        const point = line?.points.find((each) => each.day === day);
        return (
          <Tile
            key={metric}
            name={nameOf(metric)}
            value={valueOf(metric, point?.value)}
            bounds={point && interval(metric, point.low, point.high)}
            verdict={point?.verdict ?? "unsupported"}
            reason={point ? point.reason : "This window has no such number."}
            maturity={point?.maturity}
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

interface GroupsProps {
  query: ReturnType<typeof useRecords>;
  own: readonly MetricRecord[];
  model: string | null;
  day: string | null;
  window: string;
  attribute: string | null;
  metric: string;
  group: string | null;
}

function Groups({ query, own, model, day, window, attribute, metric, group }: GroupsProps) {
  const [, change] = useUrl();
  const dots = useMemo(() => own.map((each) => dotOf(each, group)).sort((a, b) => (b.value ?? -1) - (a.value ?? -1)), [own, group]);
  const most = Math.max(...dots.filter((dot) => meaning(dot.verdict).look !== "unknown").map((dot) => dot.value ?? 0), 0);
  const line = metric === "selection_rate" && most > 0 ? { value: 0.8 * most, name: "80 % of the highest" } : null;
  const draw = useMemo(() => intervals(dots, line), [dots, line?.value]); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <div className="grid" style={{ "--least": "440px" } as React.CSSProperties}>
      <Figure
        title={`${nameOf(metric)} by ${attribute ?? "group"}`}
        says={metric === "selection_rate" ? fourFifths(dots, day) : `${inWindow(day, window)}. The line is the 95 % interval.`}
        label={`${nameOf(metric)} of each group with its interval; the table has every value`}
        draw={draw}
        height={Math.max(180, 44 + 30 * dots.length)}
        columns={DOT_COLUMNS}
        rows={dots}
        keyOf={(dot) => dot.name}
        actions={<Select aria-label="What is compared" value={metric} choices={GROUP_METRICS} onChange={(event) => change({ metric: event.target.value === "selection_rate" ? null : event.target.value })} />}
      />
      <Panel title="Groups" says={inWindow(day, window)} flush actions={<CsvButton title={`groups ${model} ${day}`} columns={DOT_COLUMNS} rows={dots} />}>
        <Loaded query={query}>{() => (dots.length ? <Table label="Groups" columns={DOT_COLUMNS} rows={dots} keyOf={(dot) => dot.name} onOpen={(dot) => change({ group: dot.name === group ? null : dot.name })} height={420} /> : <Empty title="No group has such a number in this window" />)}</Loaded>
      </Panel>
    </div>
  );
}

interface TrendProps {
  of: MetricRecord | undefined;
  asked: { model: string | null; metric: string; segment: string; window: string };
  version: string | null;
  day: string | null;
  onDay: (day: string) => void;
}

/** The chosen group by day. */
function GroupTrend({ of, asked: { model, ...asked }, version, day, onDay }: TrendProps) {
  const named = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : value === null || value === undefined ? null : label(value));
  const trends = useTrends(of ? model : null, { ...asked, column: named(of?.column), group: named(of?.group) });
  const lines = useMemo(() => linesOf(trends.data?.items ?? [], { version }, () => nameOf(asked.metric)), [trends.data, version, asked.metric]);
  if (!of) return null;
  return (
    <TrendFigure
      title={`${nameOf(asked.metric)} of ${label(of.group)} by day`}
      says="The band is the 95 % interval; hollow points are provisional or have too few rows to tell."
      lines={lines}
      options={{ zero: true, chosen: day }}
      onDay={onDay}
    />
  );
}

function dotOf(each: MetricRecord, group: string | null): Dot {
  const { metric, value, low, high, verdict, maturity, reason, n_current: rows } = each;
  const name = label(each.group);
  return { name, metric, value, low, high, verdict, maturity, reason, rows, faded: group !== null && group !== name };
}

function inWindow(day: string | null, window: string): string {
  return window === "1d" ? dayOf(day) : `${Number.parseInt(window)} days up to ${dayOf(day)}`;
}

const DOT_COLUMNS: readonly TableColumn<Dot>[] = [
  { id: "name", title: "Group", value: (dot) => dot.name },
  { id: "value", title: "Value", number: true, value: (dot) => dot.value, cell: (dot) => valueOf(dot.metric, dot.value) },
  { id: "interval", title: "95 % interval", value: (dot) => interval(dot.metric, dot.low, dot.high) },
  { id: "rows", title: "Rows", number: true, value: (dot) => dot.rows, cell: (dot) => figure(dot.rows) },
  { id: "verdict", title: "Verdict", value: (dot) => dot.verdict, order: (dot) => meaning(dot.verdict).rank, cell: (dot) => <VerdictMark {...dot} /> },
];
