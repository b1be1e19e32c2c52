import { describe, expect, it } from "vitest";

import { conditions, draftOf, told, whenOf } from "./matchers";

describe("which notices are meant", () => {
  it("comes back from the form as it stood in the file", () => {
    for (const when of [{}, { severity: "critical", model: ["loan-*", "fraud"] }, { family: ["drift", "quality"], segment: "channel=web", time: "not office" }]) {
      expect(whenOf(draftOf(when))).toEqual(when);
    }
  });
  it("is typed with commas, and what is empty between them is nothing", () => {
    expect(whenOf({ ...draftOf(), model: " loan-*, ,fraud, " })).toEqual({ model: ["loan-*", "fraud"] });
  });
  it("is told in words", () => {
    expect(conditions({})).toBe("everything");
    expect(conditions({ severity: ["critical", "warning"], model: "loan-*", time: "not office" })).toBe("critical or warning, about loan-*, outside of office");
  });
  it("makes a sentence of a route", () => {
    expect(told({}, [], false)).toBe("Nobody is told of any notice.");
    expect(told({ severity: "critical" }, ["desk"], true)).toBe("Notices that are critical go to desk in the digest.");
  });
});
