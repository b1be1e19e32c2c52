/** A table that sorts, exports itself as CSV, and draws only the rows in sight where there are many. */

import {
  type Column,
  type ColumnDef,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type Row,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef, useState } from "react";

import { saveCsv } from "./export";

export interface TableColumn<T> {
  id: string;
  title: string;
  /** What is exported, and sorted by. */
  value: (row: T) => unknown;
  /** What is sorted by instead. */
  order?: (row: T) => unknown;
  /** What is shown; the value itself without it. */
  cell?: (row: T) => ReactNode;
  number?: boolean;
  /** Not worth a place on a narrow screen. */
  wide?: boolean;
  sorts?: boolean;
  wrap?: boolean;
}

interface Props<T> {
  label: string;
  columns: readonly TableColumn<T>[];
  rows: readonly T[];
  keyOf: (row: T, index: number) => string;
  onOpen?: (row: T) => void;
  sort?: { id: string; desc: boolean };
  height?: number;
  rowHeight?: number;
}

const MANY = 60;

export function Table<T>({ label, columns, rows, keyOf, onOpen, sort, height, rowHeight = 41 }: Props<T>) {
  const [sorting, setSorting] = useState<SortingState>(sort ? [sort] : []);
  const defined = useMemo(() => columns.map(defineColumn), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useReactTable({
    data,
    columns: defined,
    state: { sorting },
    onSortingChange: setSorting,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getRowId: (row, index) => keyOf(row, index),
  });
  const box = useRef<HTMLDivElement>(null);
  const all = table.getRowModel().rows;
  const many = all.length > MANY;
  const drawn = useVirtualizer({ count: all.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12, enabled: many });
  const inSight = many ? drawn.getVirtualItems() : null;
  const before = inSight?.[0]?.start ?? 0;
  const after = inSight?.length ? drawn.getTotalSize() - (inSight[inSight.length - 1]?.end ?? 0) : 0;
  const shown = inSight ? inSight.map((item) => all[item.index]).filter((row) => row !== undefined) : all;
  const high = height ?? (many ? 620 : undefined);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
    <div className="table-box" ref={box} style={high ? { maxHeight: high } : undefined} tabIndex={0} role="region" aria-label={label}>
      <table className="table" aria-rowcount={all.length + 1}>
        <thead>
          <tr>
            {table.getFlatHeaders().map((header) => (
              <Head key={header.id} column={header.column} of={columns.find((each) => each.id === header.id)} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap high={before} wide={columns.length} />}
          {shown.map((row) => (
            <Line key={row.id} row={row} columns={columns} onOpen={onOpen} />
          ))}
          {after > 0 && <Gap high={after} wide={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

function defineColumn<T>(each: TableColumn<T>): ColumnDef<T> {
  return {
    id: each.id,
    header: each.title,
    accessorFn: (row) => (each.order ?? each.value)(row),
    cell: ({ row }) => (each.cell ? each.cell(row.original) : String(each.value(row.original) ?? "–")),
    enableSorting: each.sorts ?? true,
    sortUndefined: "last",
    sortingFn: compare,
    sortDescFirst: each.number ?? false,
  };
}

function compare<T>(left: Row<T>, right: Row<T>, id: string): number {
  const [a, b] = [left.getValue<unknown>(id), right.getValue<unknown>(id)];
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function Head<T>({ column, of }: { column: Column<T>; of: TableColumn<T> | undefined }) {
  const sorted = column.getIsSorted();
  const said = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none";
  const arrow = sorted === "asc" ? " ↑" : sorted === "desc" ? " ↓" : "";
  const kinds = [of?.number && "number", of?.wide && "wide-only"].filter(Boolean).join(" ");
  return (
    <th scope="col" className={kinds} aria-sort={column.getCanSort() ? said : undefined}>
      {column.getCanSort() && of?.title ? (
        <button type="button" onClick={column.getToggleSortingHandler()}>
          {of.title}
          {arrow}
        </button>
      ) : (
        of?.title || <span className="visually-hidden">Actions</span>
      )}
    </th>
  );
}

function Line<T>({ row, columns, onOpen }: { row: Row<T>; columns: readonly TableColumn<T>[]; onOpen?: (row: T) => void }) {
  const open = onOpen && (() => onOpen(row.original));
  return (
    // The row is a convenience for the mouse; the keyboard and readers have the link or button inside it.
    <tr className={open ? "opens" : undefined} onClick={open}>
      {row.getVisibleCells().map((cell) => {
        const of = columns.find((each) => each.id === cell.column.id);
        const kinds = [of?.number && "number", of?.wide && "wide-only", of?.wrap && "wrap"].filter(Boolean).join(" ");
        return (
          <td key={cell.id} className={kinds || undefined}>
            {flexRender(cell.column.columnDef.cell, cell.getContext())}
          </td>
        );
      })}
    </tr>
  );
}

function Gap({ high, wide }: { high: number; wide: number }) {
  return (
    <tr aria-hidden="true">
      <td colSpan={wide} style={{ height: high, padding: 0, border: 0 }} />
    </tr>
  );
}

/** The button that saves a table as CSV: every row, sorted as given, unformatted. */
export function CsvButton<T>({ title, columns, rows }: { title: string; columns: readonly TableColumn<T>[]; rows: readonly T[] }) {
  const told = columns.filter((each) => each.title);
  return (
    <button
      type="button"
      className="button quiet small"
      aria-label={`Save ${title} as CSV`}
      onClick={() =>
        saveCsv(
          title,
          told.map((each) => each.title),
          rows.map((row) => told.map((each) => each.value(row))),
        )
      }
    >
      CSV
    </button>
  );
}
