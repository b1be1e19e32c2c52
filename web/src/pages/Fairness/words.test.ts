import { expect, it } from "vitest";

import type { Dot } from "../../charts/intervals";
import { fourFifths } from "./words";

const dot = (name: string, value: number | null, verdict = "ok"): Dot => ({ name, metric: "selection_rate", value, low: null, high: null, verdict, maturity: null, reason: null, rows: 100 });

it("the 80 % rule names who is below it, and how far", () => {
  expect(fourFifths([dot("male", 0.5), dot("female", 0.3)], "2026-11-19")).toBe("Thu 19 Nov: female is below 80 % of male; female is selected 60 % as often.");
  expect(fourFifths([dot("male", 0.5), dot("female", 0.45)], "2026-11-19")).toBe("Thu 19 Nov: every group is selected at least 80 % as often as male.");
});

it("groups with too few rows are not compared", () => {
  expect(fourFifths([dot("male", 0.5), dot("female", 0.1, "not_estimable")], "2026-11-19")).toContain("too few groups");
});
