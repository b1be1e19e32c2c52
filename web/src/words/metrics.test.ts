import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { KNOWN, nameOf, said } from "./metrics";

const REFERENCE = readFileSync(new URL("../../../docs/reference/metrics.md", import.meta.url), "utf8");

it("every metric of the reference has a name in words, and no two have the same", () => {
  const metrics = [...REFERENCE.matchAll(/^### `(\w+)`/gm)].map((found) => found[1] ?? "");
  expect(metrics.length).toBeGreaterThan(100);
  expect(metrics.filter((each) => !KNOWN.includes(each))).toEqual([]);
  expect(KNOWN.filter((each) => !metrics.includes(each))).toEqual([]);
  expect(new Set(KNOWN.map(nameOf)).size).toBe(KNOWN.length);
});

it("a metric of one's own is named by its own words", () => {
  expect(nameOf("loss_per_loan")).toBe("Loss per loan");
});

it("an incident is called by the name of its metric, and a column keeps its own", () => {
  expect(said("loans: out_of_range of count is 0.7, above its limit of 0.2")).toBe("loans: Out of range of count is 0.7, above its limit of 0.2");
  expect(said("chat: cost_usd is 122.4, above its limit of 70")).toBe("chat: Cost is 122.4, above its limit of 70");
  expect(said("loans: the run failed")).toBe("loans: the run failed");
});
