import { describe, expect, it } from "vitest";

import { filtersOf, linkTo, timeOf, windowOf } from "./url";

const of = (text: string) => filtersOf(new URLSearchParams(text));

describe("filters in the address", () => {
  it("are thirty days where nothing is said", () => {
    expect(timeOf(of(""))).toEqual({ range: "30d" });
    expect(timeOf(of("range=nonsense"))).toEqual({ range: "30d" });
  });
  it("are custom as soon as a day is named, and no day that is none", () => {
    expect(timeOf(of("from=2026-11-01&to=2026-11-05"))).toEqual({ from: "2026-11-01", to: "2026-11-05" });
    expect(of("from=yesterday").range).toBe("30d");
  });
  it("choose the rolling window that fits", () => {
    expect([windowOf(of("range=24h")), windowOf(of("range=7d")), windowOf(of(""))]).toEqual(["1d", "7d", "30d"]);
  });
  it("go along to another page, and what belongs to one page stays behind", () => {
    const params = new URLSearchParams("model=a&segment=x%3Dy&tab=file");
    expect(linkTo("/drift", params, { day: "2026-11-19" })).toBe("/drift?model=a&segment=x%3Dy&day=2026-11-19");
  });
});
