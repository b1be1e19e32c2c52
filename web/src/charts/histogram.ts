/** A day's distribution over the baseline's: shares of rows by bin, the baseline filled behind, today outlined before. */

import type { EChartsCoreOption } from "echarts/core";

import type { Bin } from "../api/types";
import type { TableColumn } from "../kit/Table";
import { compact, figure } from "../words/format";
import { axis, escaped, legend, tooltip } from "./Chart";
import type { Palette } from "./palette";

const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

export function histogram(bins: readonly Bin[]): (palette: Palette) => EChartsCoreOption {
  return (palette) => ({
    legend: { top: 0, left: 0, ...legend(palette), data: ["Baseline", "Current"] },
    grid: { left: 4, right: 12, top: 34, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(palette), trigger: "axis", axisPointer: { type: "shadow" }, formatter: (shown: { dataIndex: number }[]) => told(bins[shown[0]?.dataIndex ?? 0]) },
    xAxis: { type: "category", data: bins.map((bin) => bin.label), ...axis(palette), axisLabel: { ...axis(palette).axisLabel, formatter: (text: string, index: number) => short(bins[index], text), alignMaxLabel: "right" } },
    yAxis: { type: "value", min: 0, ...axis(palette), axisLine: { show: false }, axisLabel: { ...axis(palette).axisLabel, formatter: (value: number) => PERCENT.format(value) } },
    series: [
      { name: "Baseline", type: "bar", barGap: "-100%", barCategoryGap: "8%", itemStyle: { color: palette.baseline, opacity: 0.7 }, data: bins.map((bin) => bin.baseline_share) },
      {
        name: "Current",
        type: "bar",
        barGap: "-100%",
        itemStyle: { color: `${palette.current}40`, borderColor: palette.current, borderWidth: 1.5 },
        data: bins.map((bin) => bin.current_share),
      },
    ],
  });
}

/** Where a bin begins, or the start of a category's name. */
function short(bin: Bin | undefined, text: string): string {
  if (bin && bin.low !== null && bin.high !== null && bin.low < 1e8) return compact(bin.low);
  if (text.startsWith("beyond ")) return "beyond";
  const first = text.split(" to ")[0] ?? text;
  return first.length > 14 ? `${first.slice(0, 13)}…` : first;
}

function told(bin: Bin | undefined): string {
  if (!bin) return "";
  const line = (name: string, share: number, rows: number) => `<br>${name}: <b>${PERCENT.format(share)}</b> (${figure(rows)} rows)`;
  return `<b>${escaped(bin.label)}</b>${line("Baseline", bin.baseline_share, bin.baseline)}${line("Current", bin.current_share, bin.current)}`;
}

export const BIN_COLUMNS: readonly TableColumn<Bin>[] = [
  { id: "label", title: "Bin", value: (bin) => bin.label, sorts: false },
  { id: "baseline", title: "Baseline rows", number: true, value: (bin) => bin.baseline, cell: (bin) => figure(bin.baseline) },
  { id: "baseline_share", title: "Baseline share", number: true, value: (bin) => bin.baseline_share, cell: (bin) => PERCENT.format(bin.baseline_share) },
  { id: "current", title: "Current rows", number: true, value: (bin) => bin.current, cell: (bin) => figure(bin.current) },
  { id: "current_share", title: "Current share", number: true, value: (bin) => bin.current_share, cell: (bin) => PERCENT.format(bin.current_share) },
];
