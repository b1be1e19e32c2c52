import { expect, it } from "vitest";

import { csv, fileName } from "./export";

it("a table becomes CSV that spreadsheets read and run nothing of", () => {
  expect(csv(["a", "b"], [[1.5, 'say "x", y'], ["=1+1", null], [-2, ["sex", "race"]]])).toBe(
    'a,b\r\n1.5,"say ""x"", y"\r\n\'=1+1,\r\n-2,sex × race\r\n',
  );
});

it("a file is named after what it shows", () => {
  expect(fileName("PSI of income, 30 d", "png")).toBe("psi-of-income-30-d.png");
});
