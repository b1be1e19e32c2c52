import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { KNOWN, nameOf } from "./metrics";

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
