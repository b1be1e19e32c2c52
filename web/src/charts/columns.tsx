/** The table behind a line over days. */

import { VerdictMark } from "../kit/Mark";
import type { TableColumn } from "../kit/Table";
import { dayOf, valueOf } from "../words/format";
import { meaning } from "../words/verdicts";
import type { Line } from "./trend";

export interface Told {
  name: string;
  metric: string;
  point: Line["points"][number];
}

export function rowsOf(lines: readonly Line[]): Told[] {
  return lines
    .flatMap((line) => line.points.map((point) => ({ name: line.name, metric: line.metric, point })))
    .sort((a, b) => b.point.day.localeCompare(a.point.day) || a.name.localeCompare(b.name));
}

export const TREND_COLUMNS: readonly TableColumn<Told>[] = [
  { id: "day", title: "Day", value: ({ point }) => point.day, cell: ({ point }) => dayOf(point.day) },
  { id: "name", title: "Series", value: ({ name }) => name },
  { id: "value", title: "Value", number: true, value: ({ point }) => point.value, cell: ({ metric, point }) => valueOf(metric, point.value) },
  { id: "low", title: "Low", number: true, value: ({ point }) => point.low, cell: ({ metric, point }) => valueOf(metric, point.low), wide: true },
  { id: "high", title: "High", number: true, value: ({ point }) => point.high, cell: ({ metric, point }) => valueOf(metric, point.high), wide: true },
  { id: "threshold", title: "Limit", number: true, value: ({ point }) => point.threshold, cell: ({ metric, point }) => valueOf(metric, point.threshold) },
  { id: "verdict", title: "Verdict", value: ({ point }) => meaning(point.verdict).word, cell: ({ point }) => <VerdictMark {...point} /> },
  { id: "rows", title: "Rows", number: true, value: ({ point }) => point.n_current, wide: true },
  { id: "version", title: "Version", value: ({ point }) => point.version, wide: true },
];

export function keyOfTold(row: Told): string {
  return `${row.name} ${row.point.day}`;
}

