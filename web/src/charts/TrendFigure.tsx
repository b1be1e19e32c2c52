/** The usual figure: lines over days, with their table. A click on a day opens it. */

import { useMemo } from "react";

import { Empty } from "../kit/States";
import { Panel } from "../kit/Panel";
import { plural } from "../words/format";
import { keyOfTold, rowsOf, TREND_COLUMNS } from "./columns";
import { Figure } from "./Figure";
import { daysOf, type Line, trend, type TrendOptions } from "./trend";

interface Props {
  title: string;
  says?: string;
  lines: readonly Line[];
  options?: TrendOptions;
  height?: number;
  onDay?: (day: string) => void;
  none?: string;
}

export function TrendFigure({ title, says, lines, options, height, onDay, none }: Props) {
  const key = JSON.stringify(options ?? {});
  // eslint-disable-next-line react-hooks/exhaustive-deps -- options are compared by what they say
  const draw = useMemo(() => trend(lines, options), [lines, key]);
  const days = useMemo(() => daysOf(lines), [lines]);
  const rows = useMemo(() => rowsOf(lines), [lines]);
  if (lines.length === 0) {
    return (
      <Panel title={title}>
        <Empty title="Nothing to draw">{none ?? "No day of this time has such a number."}</Empty>
      </Panel>
    );
  }
  return (
    <Figure
      title={title}
      says={says}
      label={`${title}: ${lines.map((line) => line.name).join(", ")} over ${plural(days.length, "day")}; the table has every value`}
      draw={draw}
      height={height}
      columns={TREND_COLUMNS}
      rows={rows}
      keyOf={keyOfTold}
      onPick={
        onDay &&
        ((index) => {
          const day = days[index];
          if (day) onDay(day);
        })
      }
    />
  );
}
