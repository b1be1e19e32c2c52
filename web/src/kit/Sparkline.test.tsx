// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { path, Sparkline } from "./Sparkline";

afterEach(cleanup);

it("a day without a value is a gap, and a day alone is still seen", () => {
  const x = (index: number) => index * 10;
  const y = (value: number) => value;
  expect(path([1, 2, null, 4], x, y)).toBe("M0.0 1.0h0.01L10.0 2.0M30.0 4.0h0.01");
});

it("a line is a picture with words, and no line says that there is no history", () => {
  render(<Sparkline values={[1, 2, 3]} label="PSI, 30 days" />);
  expect(screen.getByRole("img", { name: "PSI, 30 days" })).toBeTruthy();
  render(<Sparkline values={[null, null]} label="nothing" />);
  expect(screen.getByText("no history")).toBeTruthy();
});

it("the interval of the last day is drawn to scale", () => {
  const { container } = render(<Sparkline values={[1, 2]} label="accuracy" low={0} high={4} height={24} />);
  const [bar] = container.querySelectorAll("line");
  expect([bar?.getAttribute("y1"), bar?.getAttribute("y2")]).toEqual(["21", "3"]);
});
