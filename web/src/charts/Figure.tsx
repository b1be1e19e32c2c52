/** A chart in its panel: words, the picture, the same as a table, and both to take away as PNG and CSV. */

import type { ECharts } from "echarts/core";
import { type ReactNode, useRef, useState } from "react";

import { fileName, save } from "../kit/export";
import { Panel } from "../kit/Panel";
import { CsvButton, Table, type TableColumn } from "../kit/Table";
import { useIsDark } from "../layout/theme";
import { Chart, type Draw } from "./Chart";
import { DARK, LIGHT } from "./palette";

interface Props<T> {
  title: string;
  says?: ReactNode;
  label: string;
  draw: Draw;
  height?: number;
  columns: readonly TableColumn<T>[];
  rows: readonly T[];
  keyOf: (row: T, index: number) => string;
  onPick?: (index: number) => void;
  actions?: ReactNode;
  below?: ReactNode;
}

export function Figure<T>({ title, says, label, draw, height, columns, rows, keyOf, onPick, actions, below }: Props<T>) {
  const [asTable, setAsTable] = useState(false);
  const chart = useRef<ECharts | null>(null);
  const dark = useIsDark();
  const savePng = () => {
    const url = chart.current?.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: (dark ? DARK : LIGHT).surface });
    const content = url && bytesOf(url);
    if (content) save(fileName(title, "png"), content);
  };
  return (
    <Panel
      title={title}
      says={says}
      flush={asTable}
      actions={
        <>
          {actions}
          <button type="button" className="button quiet small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? "Chart" : "Table"}
          </button>
          <CsvButton title={title} columns={columns} rows={rows} />
          {!asTable && (
            <button type="button" className="button quiet small" aria-label={`Save ${title} as PNG`} onClick={savePng}>
              PNG
            </button>
          )}
        </>
      }
    >
      {asTable ? (
        <Table label={`${title}, as a table`} columns={columns} rows={rows} keyOf={keyOf} height={Math.max(height ?? 240, 280)} />
      ) : (
        <Chart draw={draw} label={label} height={height} onPick={onPick} handle={chart} />
      )}
      {below}
    </Panel>
  );
}

function bytesOf(url: string): Blob {
  const raw = atob(url.slice(url.indexOf(",") + 1));
  return new Blob([Uint8Array.from(raw, (sign) => sign.charCodeAt(0))], { type: "image/png" });
}
