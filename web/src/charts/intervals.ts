/** One dot with its interval per name, on one scale: groups beside each other. Few rows make it hollow. */

import type { EChartsCoreOption } from "echarts/core";

import { interval, valueOf } from "../words/format";
import { isReserved, meaning } from "../words/verdicts";
import { axis, escaped, tooltip } from "./Chart";
import type { Palette } from "./palette";

export interface Dot {
  name: string;
  metric: string;
  value: number | null;
  low: number | null;
  high: number | null;
  verdict: string;
  maturity: string | null;
  reason: string | null;
  rows: number | null;
  /** Another one was chosen. */
  faded?: boolean;
}

export function intervals(dots: readonly Dot[], line?: { value: number; name: string } | null): (palette: Palette) => EChartsCoreOption {
  return (palette) => {
    const names = dots.map((dot) => dot.name);
    const bounded = dots.filter((dot) => dot.low !== null && dot.high !== null);
    return {
      grid: { left: 4, right: 24, top: 18, bottom: 4, containLabel: true },
      tooltip: { ...tooltip(palette), trigger: "item", formatter: (shown: { dataIndex: number }) => told(dots[shown.dataIndex]) },
      xAxis: { type: "value", min: 0, ...axis(palette), axisLabel: { ...axis(palette).axisLabel, formatter: (value: number) => valueOf(dots[0]?.metric ?? "", value) } },
      yAxis: { type: "category", data: names, inverse: true, ...axis(palette), axisLabel: { color: palette.ink, fontSize: 12.5 } },
      series: [
        {
          type: "scatter",
          symbolSize: 12,
          z: 3,
          data: dots.map((dot) => ({ value: [dot.value, dot.name], itemStyle: look(dot, palette) })),
          markLine: {
            silent: true,
            symbol: ["none", "none"],
            label: { show: false },
            lineStyle: { type: "solid", width: 2.5, color: palette.current, opacity: 0.55 },
            data: [
              ...bounded.map((dot) => [{ coord: [dot.low, dot.name], lineStyle: { opacity: dot.faded ? 0.15 : 0.55 } }, { coord: [dot.high, dot.name] }]),
              ...(line ? [{ xAxis: line.value, lineStyle: { type: "dashed", width: 1.5, color: palette.critical, opacity: 1 }, label: { show: true, position: "start", formatter: line.name, color: palette.soft, fontSize: 11 } }] : []),
            ],
          },
        },
      ],
    };
  };
}

function look(dot: Dot, palette: Palette) {
  if (isReserved(dot.verdict, dot.maturity)) return { color: palette.surface, borderColor: palette.unknown, borderWidth: 2, borderType: "dashed" };
  return { color: palette.current, opacity: dot.faded ? 0.3 : 1 };
}

function told(dot: Dot | undefined): string {
  if (!dot) return "";
  const bounds = interval(dot.metric, dot.low, dot.high);
  const rows = dot.rows === null ? "" : `<br>${dot.rows.toLocaleString("en")} rows`;
  const why = dot.reason ? `<br>${escaped(dot.reason)}` : "";
  return `<b>${escaped(dot.name)}</b><br>${valueOf(dot.metric, dot.value)}${bounds ? ` (${bounds})` : ""} · ${meaning(dot.verdict).word}${rows}${why}`;
}
