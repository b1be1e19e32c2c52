/** What pages about one model share: the day that is looked at, lines of it, and the links out of it. */

import type { Series } from "../api/types";
import type { Line } from "../charts/trend";
import type { Filters } from "../filters/url";
import { label, nameOf } from "../words/format";

/** The series as lines, narrowed to the version that is asked for. */
export function linesOf(series: readonly Series[], filters: Pick<Filters, "version">, name: (each: Series) => string = nameOfSeries): Line[] {
  return series
    .map((each) => ({
      name: name(each),
      metric: each.metric,
      points: filters.version ? each.points.filter((point) => point.version === filters.version) : each.points,
    }))
    .filter((line) => line.points.length > 0);
}

export function nameOfSeries(each: Series): string {
  const of = [each.column, each.group, each.segment].filter((part) => part !== null && part !== undefined).map(label);
  return of.length ? `${nameOf(each.metric)} of ${of.join(", ")}` : nameOf(each.metric);
}

export function lastDay(lines: readonly Line[]): string | null {
  return lines.flatMap((line) => line.points.map((point) => point.day)).reduce<string | null>((last, day) => (last === null || day > last ? day : last), null);
}

/** The limit that holds now, of the newest point that has one. */
export function limitOf(line: Line | undefined): number | null {
  const points = line?.points ?? [];
  for (let index = points.length - 1; index >= 0; index--) {
    const found = points[index]?.threshold;
    if (found !== null && found !== undefined) return found;
  }
  return null;
}
