/** Numbers, days and names as people read them. Pure functions; no page composes figures by itself. */

import { isCount, isShare } from "./metrics";

export { nameOf } from "./metrics";

const FEW = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });

/** A figure at three significant digits; whole numbers from a thousand on. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return Math.abs(value) >= 1000 ? WHOLE.format(value) : FEW.format(value);
}

export function compact(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : COMPACT.format(value);
}

/** A metric's value in its own unit. */
export function valueOf(metric: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (metric === "drift_score") return figure(Math.round(value * 10) / 10);
  if (isShare(metric)) return `${FEW.format(Math.round(value * 10000) / 100)}\u00a0%`;
  if (metric.startsWith("latency_")) return value < 1 ? `${figure(value * 1000)}\u00a0ms` : `${figure(value)}\u00a0s`;
  if (metric === "cost_usd") return MONEY.format(value);
  if (isCount(metric)) return compact(value);
  return figure(value);
}

/** "0.27 to 0.36", or null where the number has no interval. */
export function interval(metric: string, low: number | null | undefined, high: number | null | undefined): string | null {
  if (low === null || low === undefined || high === null || high === undefined) return null;
  return `${valueOf(metric, low)} to ${valueOf(metric, high)}`;
}

/** A column or group; an intersection's parts are joined. */
export function label(value: unknown): string {
  if (value === null || value === undefined) return "all";
  return Array.isArray(value) ? value.map(String).join(" × ") : String(value);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${WHOLE.format(count)} ${count === 1 ? one : many}`;
}

/** "2026-11-19" as "Thu 19 Nov". Days are UTC days, whoever looks. */
export function dayOf(day: string | null | undefined): string {
  if (!day) return "–";
  const at = new Date(`${day}T00:00:00Z`);
  const told = at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  return told.replace(",", "");
}

export function shortDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

export function ago(at: string | Date, now: Date = new Date()): string {
  const seconds = Math.round((now.getTime() - new Date(at).getTime()) / 1000);
  const past = Math.abs(seconds);
  const [count, unit] =
    past < 60 ? [past, "second"] : past < 3600 ? [past / 60, "minute"] : past < 86400 ? [past / 3600, "hour"] : [past / 86400, "day"];
  const told = plural(Math.round(count as number), unit as string);
  if (past < 5) return "just now";
  return seconds >= 0 ? `${told} ago` : `in ${told}`;
}

/** A finding as a sentence, with the day since when it is so where that is an earlier one. */
export function sentence({ said, since }: { said: string; since: string | null }, day: string): string {
  const text = said.trim().replace(/[.]$/, "");
  const told = since && since < day ? `${text}, since ${dayOf(since)}` : text;
  const whole = `${told.charAt(0).toUpperCase()}${told.slice(1)}`;
  return /[!?]$/.test(whole) ? whole : `${whole}.`;
}

/** A list in words: "income, age and region". */
export function listed(items: readonly string[], most = 4): string {
  const shown = items.length > most ? [...items.slice(0, most), `${items.length - most} more`] : [...items];
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
}
