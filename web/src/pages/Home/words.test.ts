import { describe, expect, it } from "vitest";

import type { FleetModel } from "../../api/types";
import { inWords, matches } from "./words";

const model = (name: string, health: FleetModel["health"], why = ""): FleetModel => ({
  model: name, version: "1", task: "binary", owner: "risk", description: null, retired: false, health, why, incidents: {},
  newest_incident: null, last_day: null, analysed_at: null, drift: null, fairness: null, performance: null, volume: null, cost: null,
}); // prettier-ignore

describe("the fleet in words", () => {
  it("begins with who needs somebody, and why", () => {
    const fleet = [model("loans", "critical", "psi of income is 0.31"), model("fraud", "warning"), model("mail", "ok")];
    expect(inWords(fleet)).toBe("loans needs somebody now. psi of income is 0.31. fraud has a warning. 1 model is as it should be.");
  });
  it("is one calm sentence where nothing is wrong", () => {
    expect(inWords([model("a", "ok"), model("b", "ok")])).toBe("All 2 models are as they should be.");
    expect(inWords([])).toBe("No model is watched yet.");
  });
});

it("models are found by name, owner and state", () => {
  const loans = model("loan-approval", "critical");
  expect([matches(loans, "LOAN", null), matches(loans, "risk", "critical"), matches(loans, "", "ok"), matches(loans, "mail", null)]).toEqual([true, true, false, false]);
});
