// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { Table, type TableColumn } from "./Table";

afterEach(cleanup);

interface Row {
  name: string;
  psi: number | null;
}
const COLUMNS: readonly TableColumn<Row>[] = [
  { id: "name", title: "Name", value: (row) => row.name },
  { id: "psi", title: "PSI", number: true, value: (row) => row.psi },
];
const ROWS: Row[] = [
  { name: "age", psi: 0.1 },
  { name: "income", psi: 0.31 },
  { name: "region", psi: null },
];
const shown = () => screen.getAllByRole("row").slice(1).map((row) => within(row).getAllByRole("cell")[0]?.textContent); // prettier-ignore

it("a table sorts by the column whose head is pressed, and says so to readers", () => {
  render(<Table label="Columns" columns={COLUMNS} rows={ROWS} keyOf={(row) => row.name} />);
  expect(shown()).toEqual(["age", "income", "region"]);
  fireEvent.click(screen.getByRole("button", { name: /PSI/ }));
  expect(shown()).toEqual(["income", "age", "region"]);
  expect(screen.getByRole("columnheader", { name: /PSI/ }).getAttribute("aria-sort")).toBe("descending");
});

it("a row opens what it is about", () => {
  const open = vi.fn();
  render(<Table label="Columns" columns={COLUMNS} rows={ROWS} keyOf={(row) => row.name} onOpen={open} />);
  fireEvent.click(screen.getByText("income"));
  expect(open).toHaveBeenCalledWith(ROWS[1]);
});
