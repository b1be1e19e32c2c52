/** A chart as a picture with words: drawn per theme, and drawn anew when theme, size or data change. */

import type { ECharts, EChartsCoreOption } from "echarts/core";
import { type RefObject, useEffect, useRef } from "react";

import { useIsDark } from "../layout/theme";
import { DARK, LIGHT, type Palette } from "./palette";

/** On its way as soon as a page with charts is, so that it is there when the data are. */
const engine = import("./engine");

export type Draw = (palette: Palette) => EChartsCoreOption;

interface Props {
  draw: Draw;
  label: string;
  height?: number;
  /** Told which place of the data was clicked. */
  onPick?: (index: number) => void;
  handle?: RefObject<ECharts | null>;
}

export function Chart({ draw, label, height = 240, onPick, handle }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const own = useRef<ECharts | null>(null);
  const picked = useRef(onPick);
  const dark = useIsDark();
  useEffect(() => {
    picked.current = onPick;
  });
  const drawn = useRef(draw);
  useEffect(() => {
    drawn.current = draw;
    own.current?.setOption(base(draw, dark), { notMerge: true });
  }, [draw, dark]);
  useEffect(() => {
    let gone = false;
    let watch: ResizeObserver | undefined;
    void engine.then(({ init }) => {
      if (gone || !place.current) return;
      const chart = init(place.current);
      own.current = chart;
      if (handle) handle.current = chart;
      chart.setOption(base(drawn.current, dark), { notMerge: true });
      chart.on("click", (event) => picked.current?.(event.dataIndex));
      chart.getZr().on("click", (event) => pickNearest(chart, event.offsetX, event.offsetY, event.target, picked.current));
      watch = new ResizeObserver(() => chart.resize());
      watch.observe(place.current);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      own.current?.dispose();
      own.current = null;
    };
    // The chart is made once; the effect above draws what changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return <div ref={place} className="chart" role="img" aria-label={label} style={{ height, cursor: onPick ? "pointer" : undefined }} />;
}

/** A click between the points picks the day below the pointer. */
function pickNearest(chart: ECharts, x: number, y: number, target: unknown, pick: ((index: number) => void) | undefined): void {
  if (!pick || target || !chart.containPixel("grid", [x, y])) return;
  const found = chart.convertFromPixel({ xAxisIndex: 0 }, x);
  if (typeof found === "number") pick(found);
}

function base(draw: Draw, dark: boolean): EChartsCoreOption {
  const palette = dark ? DARK : LIGHT;
  return {
    animation: false,
    color: [...palette.series],
    textStyle: { fontFamily: "Inter, system-ui, sans-serif", color: palette.soft },
    grid: { left: 4, right: 12, top: 14, bottom: 4, containLabel: true },
    ...draw(palette),
  };
}

export function axis(palette: Palette) {
  return {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.soft, fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: palette.line } },
  };
}

export function legend(palette: Palette) {
  const text = { color: palette.soft };
  return { textStyle: text, pageTextStyle: text, pageIconColor: palette.ink, pageIconInactiveColor: palette.line };
}

export function tooltip(palette: Palette) {
  return {
    confine: true,
    backgroundColor: palette.surface,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 12.5 },
    extraCssText: "box-shadow: 0 8px 24px #0003; max-width: 340px; white-space: normal;",
  };
}

/** Names come from data; the tooltip is HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
