/** Whether scores mean what they say: predicted against observed shares by bin, with the interval of each. */

import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "react";

import type { Calibration as Shown } from "../../api/types";
import { axis, legend, tooltip } from "../../charts/Chart";
import { Figure } from "../../charts/Figure";
import type { Palette } from "../../charts/palette";
import type { TableColumn } from "../../kit/Table";
import { figure } from "../../words/format";

type Bin = Shown["bins"][number];

export function Calibration({ of }: { of: Shown }) {
  const draw = useMemo(() => (palette: Palette) => drawn(of, palette), [of]);
  const provisional = of.maturity === "provisional" ? " Labels are still arriving." : "";
  return (
    <Figure
      title="Calibration"
      says={`${of.ece ? `The mean gap between predicted and observed is ${figure(of.ece.value)}. ` : ""}On the line, scores mean what they say.${provisional}`}
      label="Observed share by predicted score, baseline and current; the table has every bin"
      draw={draw}
      columns={COLUMNS}
      rows={of.bins}
      keyOf={(bin) => String(bin.low)}
    />
  );
}

function drawn(of: Shown, palette: Palette): EChartsCoreOption {
  const side = (name: "baseline" | "current", color: string) => ({
    name: name === "baseline" ? "Baseline" : "Current",
    type: "line",
    symbol: "circle",
    symbolSize: 8,
    itemStyle: name === "current" ? { color } : { color: palette.surface, borderColor: color, borderWidth: 1.8 },
    lineStyle: { color, width: name === "current" ? 2 : 1.5, type: name === "current" ? "solid" : "dashed" },
    data: of.bins.flatMap((bin) => (bin[name] ? [[bin[name].predicted, bin[name].observed]] : [])),
  });
  const bounds = of.bins.flatMap((bin) => (bin.current ? [[{ coord: [bin.current.predicted, bin.current.low] }, { coord: [bin.current.predicted, bin.current.high] }]] : []));
  const ideal = [{ coord: [0, 0], lineStyle: { color: palette.soft, type: "dotted" } }, { coord: [1, 1] }];
  return {
    legend: { top: 0, left: 0, ...legend(palette), data: ["Baseline", "Current"] },
    grid: { left: 4, right: 14, top: 34, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(palette), trigger: "item", formatter: told },
    xAxis: { type: "value", min: 0, max: 1, ...axis(palette) },
    yAxis: { type: "value", min: 0, max: 1, ...axis(palette) },
    series: [
      side("baseline", palette.baseline),
      {
        ...side("current", palette.current),
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: palette.current, type: "solid", width: 1.5 }, data: [ideal, ...bounds] },
      },
    ],
  };
}

function told({ seriesName, value }: { seriesName: string; value: [number, number] }): string {
  return `<b>${seriesName}</b><br>predicted ${figure(value[0])}, observed ${figure(value[1])}`;
}

const COLUMNS: readonly TableColumn<Bin>[] = [
  { id: "bin", title: "Scores", value: (bin) => `${figure(bin.low)} to ${figure(bin.high)}`, sorts: false },
  { id: "rows", title: "Rows", number: true, value: (bin) => bin.current?.rows },
  { id: "predicted", title: "Predicted", number: true, value: (bin) => bin.current?.predicted, cell: (bin) => figure(bin.current?.predicted) },
  { id: "observed", title: "Observed", number: true, value: (bin) => bin.current?.observed, cell: (bin) => figure(bin.current?.observed) },
  { id: "low", title: "Low", number: true, value: (bin) => bin.current?.low, cell: (bin) => figure(bin.current?.low) },
  { id: "high", title: "High", number: true, value: (bin) => bin.current?.high, cell: (bin) => figure(bin.current?.high) },
  { id: "baseline", title: "Baseline observed", number: true, value: (bin) => bin.baseline?.observed, cell: (bin) => figure(bin.baseline?.observed) },
];
