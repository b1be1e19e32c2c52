import { describe, expect, it } from "vitest";

import { ago, dayOf, figure, interval, label, listed, nameOf, plural, sentence, valueOf } from "./format";

describe("figures", () => {
  it("have three significant digits, and none behind the point from a thousand on", () => {
    expect([figure(0.31234), figure(12.345), figure(68785.4), figure(null)]).toEqual(["0.312", "12.3", "68,785", "–"]);
  });
  it("are told in the unit of their metric", () => {
    expect(valueOf("accuracy", 0.9123)).toBe("91.2\u00a0%");
    expect(valueOf("latency_p95", 0.25)).toBe("250\u00a0ms");
    expect(valueOf("cost_usd", 3.456)).toBe("$3.46");
    expect(valueOf("volume", 68785)).toBe("68.8K");
    expect(valueOf("psi", 0.3141)).toBe("0.314");
  });
  it("have an interval only where both bounds are known", () => {
    expect(interval("psi", 0.27, 0.36)).toBe("0.27 to 0.36");
    expect(interval("psi", null, 0.36)).toBeNull();
  });
});

describe("names", () => {
  it("are words, also of a metric that nobody listed", () => {
    expect(nameOf("psi")).toBe("PSI");
    expect(nameOf("demographic_parity_difference")).toBe("Demographic parity difference");
  });
  it("of intersections are joined", () => {
    expect(label(["sex", "race"])).toBe("sex × race");
    expect(label(null)).toBe("all");
  });
  it("of many are counted", () => {
    expect(listed(["a", "b"])).toBe("a and b");
    expect(listed(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d and 2 more");
    expect([plural(1, "model"), plural(2, "model")]).toEqual(["1 model", "2 models"]);
  });
});

describe("times", () => {
  it("of a day are of the UTC day, wherever one looks", () => {
    expect(dayOf("2026-11-19")).toBe("Thu 19 Nov");
  });
  it("are told as how long ago", () => {
    const now = new Date("2026-11-20T12:00:00Z");
    expect(ago("2026-11-20T11:59:58Z", now)).toBe("just now");
    expect(ago("2026-11-20T09:00:00Z", now)).toBe("3 hours ago");
    expect(ago("2026-11-21T12:00:00Z", now)).toBe("in 1 day");
  });
});

describe("a finding", () => {
  const said = "income shifted up by 0.4 reference IQRs";
  it("begins a sentence, and says since when it is so", () => {
    expect(sentence({ said, since: "2026-11-17" }, "2026-11-20")).toBe("Income shifted up by 0.4 reference IQRs, since Tue 17 Nov.");
  });
  it("of the day itself began with no other", () => {
    expect(sentence({ said, since: "2026-11-20" }, "2026-11-20")).toBe("Income shifted up by 0.4 reference IQRs.");
    expect(sentence({ said: `${said}.`, since: null }, "2026-11-20")).toBe("Income shifted up by 0.4 reference IQRs.");
  });
});
