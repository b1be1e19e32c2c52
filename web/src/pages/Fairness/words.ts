/** The 80 % rule in one sentence. */

import type { Dot } from "../../charts/intervals";
import { dayOf, figure, listed } from "../../words/format";
import { meaning } from "../../words/verdicts";

export function fourFifths(dots: readonly Dot[], day: string | null): string {
  const told = dots.filter((dot): dot is Dot & { value: number } => dot.value !== null && meaning(dot.verdict).look !== "unknown");
  const most = told.reduce<(typeof told)[number] | null>((found, dot) => (found === null || dot.value > found.value ? dot : found), null);
  if (!most || told.length < 2 || most.value === 0) return `${dayOf(day)}: too few groups have enough rows to compare them.`;
  const below = told.filter((dot) => dot.value < 0.8 * most.value);
  if (below.length === 0) return `${dayOf(day)}: every group is selected at least 80 % as often as ${most.name}.`;
  const least = below.reduce((found, dot) => (dot.value < found.value ? dot : found));
  const share = figure(Math.round((100 * least.value) / most.value));
  return `${dayOf(day)}: ${listed(below.map((dot) => dot.name))} ${below.length === 1 ? "is" : "are"} below 80 % of ${most.name}; ${least.name} is selected ${share} % as often.`;
}
