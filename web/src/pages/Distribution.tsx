/** One column of one day: baseline and current overlaid, in words before. */

import { useMemo } from "react";

import { useDistribution } from "../api/queries";
import type { Distribution as Shown } from "../api/types";
import { Figure } from "../charts/Figure";
import { BIN_COLUMNS, histogram } from "../charts/histogram";
import { Panel } from "../kit/Panel";
import { Empty, Loaded } from "../kit/States";
import { dayOf, figure, plural } from "../words/format";

interface Props {
  model: string | null;
  day: string | null;
  column: string | null;
  segment: string | null;
  window?: string;
  title?: string;
  height?: number;
}

export function Distribution({ model, day, column, segment, window = "1d", title, height = 240 }: Props) {
  const query = useDistribution(model, { day, column, segment, window });
  const name = title ?? (column ? `Distribution of ${column}` : "Distribution");
  const shown = query.data?.shown;
  if (query.data && shown) return <Drawn of={query.data} shown={shown} title={title ?? `Distribution of ${shown.column}`} height={height} />;
  return (
    <Panel title={name}>
      <Loaded query={query} missing="No day of this column is counted">
        {() => <Empty title="Nothing is counted of this day" />}
      </Loaded>
    </Panel>
  );
}

function Drawn({ of, shown, title, height }: { of: Shown; shown: NonNullable<Shown["shown"]>; title: string; height: number }) {
  const bins = useMemo(() => [...shown.bins, ...shown.special.filter((bin) => bin.baseline + bin.current > 0)], [shown]);
  const draw = useMemo(() => histogram(bins), [bins]);
  const where = of.segment ? ` where ${of.segment}` : "";
  const rows = `${plural(of.current_rows, "row")} against ${plural(of.baseline_rows, "row")} of the baseline`;
  const said = shown.sentence ? `${shown.column}: ${shown.sentence}` : `${shown.column}`;
  return (
    <Figure
      title={title}
      says={`${said.replace(/\.$/, "")}. ${dayOf(of.day)}${where}: ${rows}${shown.psi === null ? "" : `, PSI ${figure(shown.psi)}`}.`}
      label={`${title}: shares of rows by bin, baseline and current; the table has every bin`}
      draw={draw}
      height={height}
      columns={BIN_COLUMNS}
      rows={bins}
      keyOf={(bin) => bin.label}
    />
  );
}
