import { describe, expect, it } from "vitest";

import { calendarDraft, calendarOf, hoursOf, rulesDraft, rulesOf, rulesTold } from "./hours";

const OFFICE = { timezone: "Europe/Berlin", days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "18:00", holidays: ["2026-12-25"] };

describe("a calendar", () => {
  it("comes back from the form as it stood in the file", () => {
    for (const written of [{}, OFFICE, { days: ["sat", "sun"] }, { from: "22:00", to: "06:00" }]) {
      expect(calendarOf(calendarDraft(written))).toEqual(written);
    }
  });
  it("is told in words", () => {
    expect(hoursOf({})).toBe("Every day, all day in UTC");
    expect(hoursOf(OFFICE)).toBe("Monday to Friday, 09:00 to 18:00 in Europe/Berlin, not on 1 holiday");
    expect(hoursOf({ days: ["mon", "wed"], from: "22:00", to: "06:00" })).toBe("Monday and Wednesday, 22:00 to 06:00 of the next day in UTC");
  });
});

describe("the rules of all notices", () => {
  it("come back from the form as they stood in the file", () => {
    for (const written of [{}, { repeat_after: "12h", warn_after: 3, quiet: "not office", runbooks: { drift: "https://wiki.example.org/drift" } }]) {
      expect(rulesOf(rulesDraft(written))).toEqual(written);
    }
  });
  it("are told in sentences that say which the file has", () => {
    const told = rulesTold({ warn_after: 1, quiet: "not office" });
    expect(told.filter((each) => each.declared).map((each) => each.says)).toEqual(["A warning of drift is told at once.", "Outside of office only critical notices go out; the others wait."]);
    expect(rulesTold({})[0]?.says).toBe("The same cause is told again after 6h at the earliest, unless it gets worse.");
  });
});
