/** Calendars and the rules of all notices: as aimon.yaml has them, as a form has them, in words. Pure functions. */

import { listed } from "../../words/format";
import { several } from "./matchers";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const NAMES: Record<string, string> = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday" };

/** A calendar as aimon.yaml has it. */
export interface Calendar {
  timezone?: string;
  days?: string[];
  from?: string;
  to?: string;
  holidays?: string[];
}

export interface CalendarDraft {
  days: readonly string[];
  from: string;
  to: string;
  timezone: string;
  holidays: string;
}

export function calendarDraft(written: Calendar = {}): CalendarDraft {
  return {
    days: written.days ? several(written.days) : [...WEEKDAYS],
    from: written.from ?? "",
    to: written.to ?? "",
    timezone: written.timezone ?? "",
    holidays: several(written.holidays).join(", "),
  };
}

/** What is written; nothing for what is left as it is without a word. */
export function calendarOf(draft: CalendarDraft): Calendar {
  const holidays = names(draft.holidays);
  return {
    ...(draft.timezone.trim() ? { timezone: draft.timezone.trim() } : {}),
    ...(draft.days.length < WEEKDAYS.length ? { days: [...draft.days] } : {}),
    ...(draft.from.trim() ? { from: draft.from.trim() } : {}),
    ...(draft.to.trim() ? { to: draft.to.trim() } : {}),
    ...(holidays.length ? { holidays } : {}),
  };
}

/** "Monday to Friday, 09:00 to 18:00 in Europe/Berlin, not on 2 holidays". */
export function hoursOf(written: Calendar): string {
  const holidays = several(written.holidays).length;
  const from = written.from ?? "00:00";
  const to = written.to ?? "24:00";
  const over = to <= from ? " of the next day" : "";
  const times = from === "00:00" && to === "24:00" ? "all day" : `${from} to ${to}${over}`;
  const but = holidays ? `, not on ${holidays} ${holidays === 1 ? "holiday" : "holidays"}` : "";
  return `${daysOf(written.days)}, ${times} in ${written.timezone ?? "UTC"}${but}`;
}

function daysOf(days: readonly string[] | undefined): string {
  const places = WEEKDAYS.flatMap((day, place) => (!days || days.includes(day) ? [place] : []));
  const first = places[0] ?? 0;
  const last = places[places.length - 1] ?? 0;
  if (places.length === WEEKDAYS.length) return "Every day";
  if (places.length > 2 && last - first === places.length - 1) return `${NAMES[WEEKDAYS[first] ?? ""]} to ${NAMES[WEEKDAYS[last] ?? ""]}`;
  return listed(places.map((place) => NAMES[WEEKDAYS[place] ?? ""] ?? ""), WEEKDAYS.length);
}

/** The rules of all notices as aimon.yaml has them. */
export interface Rules {
  repeat_after?: string;
  warn_after?: number;
  quiet?: string;
  digest_at?: string;
  timezone?: string;
  runbooks?: Record<string, string>;
  dashboard_url?: string;
}

/** What holds where the file says nothing. */
export const DEFAULTS = { repeat_after: "6h", warn_after: 2, digest_at: "08:00", timezone: "UTC" } as const;

export interface RulesDraft {
  repeat_after: string;
  warn_after: string;
  quiet: string;
  digest_at: string;
  timezone: string;
  dashboard_url: string;
  runbooks: Readonly<Record<string, string>>;
}

export function rulesDraft(written: Rules = {}): RulesDraft {
  return {
    repeat_after: written.repeat_after ?? "",
    warn_after: written.warn_after === undefined ? "" : String(written.warn_after),
    quiet: written.quiet ?? "",
    digest_at: written.digest_at ?? "",
    timezone: written.timezone ?? "",
    dashboard_url: written.dashboard_url ?? "",
    runbooks: written.runbooks ?? {},
  };
}

export function rulesOf({ warn_after, runbooks, ...texts }: RulesDraft): Rules {
  const said = (all: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(all).flatMap(([key, text]) => (text.trim() ? [[key, text.trim()]] : []))); // prettier-ignore
  const pages = said(runbooks);
  return {
    ...said(texts),
    ...(warn_after.trim() ? { warn_after: Number(warn_after) } : {}),
    ...(Object.keys(pages).length ? { runbooks: pages } : {}),
  };
}

export interface Told {
  what: string;
  says: string;
  declared: boolean;
}

/** Each rule as a sentence, and whether the file says so. */
export function rulesTold(written: Rules): readonly Told[] {
  const all = { ...DEFAULTS, ...written };
  const quiet = written.quiet;
  const pages = Object.keys(written.runbooks ?? {});
  return [
    { what: "Again", says: `The same cause is told again after ${all.repeat_after} at the earliest, unless it gets worse.`, declared: written.repeat_after !== undefined },
    { what: "Patience", says: all.warn_after === 1 ? "A warning of drift is told at once." : `A warning of drift is told once it is found on ${all.warn_after} days.`, declared: written.warn_after !== undefined },
    { what: "Quiet hours", says: quiet ? `${quiet.startsWith("not ") ? `Outside of ${quiet.slice(4)}` : `During ${quiet}`} only critical notices go out; the others wait.` : "None: notices go out at any hour.", declared: quiet !== undefined },
    { what: "Digest", says: `Digests go out at ${all.digest_at} in ${all.timezone}.`, declared: written.digest_at !== undefined || written.timezone !== undefined },
    { what: "What to do", says: pages.length ? `Notices of ${listed(pages, 9)} name a page that says what to do.` : "No page that says what to do is named for a whole family.", declared: pages.length > 0 },
    { what: "Dashboard", says: written.dashboard_url ? `Buttons in messages lead to ${written.dashboard_url}.` : "Messages have no button: the address of this dashboard is not written.", declared: written.dashboard_url !== undefined },
  ];
}

export function names(text: string): string[] {
  return text.split(",").map((each) => each.trim()).filter(Boolean); // prettier-ignore
}
