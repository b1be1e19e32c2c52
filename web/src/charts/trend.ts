/** Lines over days with their intervals as bands, limits as dashes, and what is to be read with reserve hollow. */

import type { EChartsCoreOption } from "echarts/core";

import type { Point } from "../api/types";
import { dayOf, interval, shortDay, valueOf } from "../words/format";
import { isReserved, meaning } from "../words/verdicts";
import { axis, escaped, legend, tooltip } from "./Chart";
import type { Palette } from "./palette";

export interface Line {
  name: string;
  metric: string;
  points: readonly Point[];
}

export interface TrendOptions {
  limits?: readonly { value: number; name: string }[];
  /** The scale begins at zero. */
  zero?: boolean;
  max?: number;
  chosen?: string | null;
  bands?: boolean;
}

const DASHES = ["solid", [6, 3], [2, 3], [8, 3, 2, 3]] as const;

/** Every day that any line has, in order. */
export function daysOf(lines: readonly Line[]): string[] {
  return [...new Set(lines.flatMap((line) => line.points.map((point) => point.day)))].sort();
}

export function trend(lines: readonly Line[], options: TrendOptions = {}): (palette: Palette) => EChartsCoreOption {
  const days = daysOf(lines);
  const at = lines.map((line) => new Map(line.points.map((point) => [point.day, point])));
  const bands = options.bands ?? lines.length <= 3;
  return (palette) => ({
    legend: lines.length > 1 ? { top: 0, left: 0, type: "scroll", ...legend(palette), data: lines.map((line) => line.name) } : undefined,
    grid: { left: 4, right: 14, top: lines.length > 1 ? 34 : 14, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(palette), trigger: "axis", formatter: (shown: { dataIndex: number }[]) => told(days[shown[0]?.dataIndex ?? 0], lines, at) },
    xAxis: { type: "category", data: days, boundaryGap: days.length < 3, ...axis(palette), axisLabel: { ...axis(palette).axisLabel, formatter: shortDay } },
    yAxis: {
      type: "value",
      scale: !options.zero,
      min: options.zero ? 0 : undefined,
      max: options.max,
      ...axis(palette),
      axisLine: { show: false },
      axisLabel: { ...axis(palette).axisLabel, formatter: (value: number) => valueOf(lines[0]?.metric ?? "", value) },
    },
    series: lines.flatMap((line, index) => {
      const color = palette.series[index % palette.series.length] ?? palette.current;
      const points = days.map((day) => at[index]?.get(day));
      const drawn = main(line.name, points, color, index, palette, index === 0 ? options : {});
      return bands ? [...band(line.name, points, color), drawn] : [drawn];
    }),
  });
}

function main(name: string, points: readonly (Point | undefined)[], color: string, index: number, palette: Palette, options: TrendOptions) {
  const limits = (options.limits ?? []).map((limit) => ({
    yAxis: limit.value,
    label: { formatter: limit.name, position: "insideEndTop", color: palette.soft, fontSize: 11 },
    lineStyle: { color: palette.soft, type: "dashed", width: 1 },
  }));
  const chosen = options.chosen ? [{ xAxis: options.chosen, label: { show: false }, lineStyle: { color: palette.soft, type: "solid", width: 1 } }] : [];
  return {
    name,
    type: "line",
    z: 3,
    color,
    itemStyle: { color },
    symbol: "circle",
    symbolSize: points.length > 40 ? 4 : 7,
    showSymbol: true,
    showAllSymbol: true,
    lineStyle: { color, width: 2, type: DASHES[index % DASHES.length] },
    data: points.map((point) => ({ value: point?.value ?? null, ...look(point, color, palette) })),
    markLine: limits.length + chosen.length ? { silent: true, symbol: "none", data: [...limits, ...chosen] } : undefined,
  };
}

/** Alarms have their colour and shape; what is uncertain is hollow. */
function look(point: Point | undefined, color: string, palette: Palette) {
  if (!point) return {};
  const { look: kind } = meaning(point.verdict);
  if (isReserved(point.verdict, point.maturity)) {
    return { symbol: "circle", symbolSize: 7, itemStyle: { color: palette.surface, borderColor: color, borderWidth: 1.8 } };
  }
  if (kind === "critical") return { symbol: "triangle", symbolSize: 11, itemStyle: { color: palette.critical } };
  if (kind === "warning") return { symbol: "diamond", symbolSize: 10, itemStyle: { color: palette.warning } };
  return { symbol: "circle", symbolSize: 5, itemStyle: { color } };
}

/** Two lines that nobody sees: the lower bound, and the width of the interval filled above it. */
function band(name: string, points: readonly (Point | undefined)[], color: string) {
  const has = (point: Point | undefined): point is Point & { low: number; high: number } =>
    point !== undefined && point.low !== null && point.high !== null;
  if (!points.some(has)) return [];
  const quiet = { type: "line", silent: true, symbol: "none", lineStyle: { opacity: 0 }, stack: `band ${name}`, stackStrategy: "all", tooltip: { show: false }, z: 1 };
  return [
    { ...quiet, name: `${name} low`, data: points.map((point) => (has(point) ? point.low : null)) },
    { ...quiet, name: `${name} width`, areaStyle: { color, opacity: 0.16 }, data: points.map((point) => (has(point) ? point.high - point.low : null)) },
  ];
}

function told(day: string | undefined, lines: readonly Line[], at: readonly Map<string, Point>[]): string {
  if (!day) return "";
  const parts = lines.map((line, index) => {
    const point = at[index]?.get(day);
    if (!point) return "";
    const bounds = interval(line.metric, point.low, point.high);
    const why = point.reason && meaning(point.verdict).look !== "ok" ? `<br><span style="opacity:.8">${escaped(point.reason)}</span>` : "";
    const reserve = point.maturity === "provisional" ? ", provisional" : "";
    return `<br>${escaped(line.name)}: <b>${valueOf(line.metric, point.value)}</b>${bounds ? ` (${bounds})` : ""} · ${meaning(point.verdict).word}${reserve}${why}`;
  });
  return `<b>${dayOf(day)}</b>${parts.join("")}`;
}
