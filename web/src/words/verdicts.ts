/** What each verdict means, and what it looks like: a colour, a shape and a word, never a colour alone. */

export type Look = "critical" | "warning" | "watch" | "ok" | "unknown";

const MEANINGS: Record<string, { word: string; look: Look; means: string; rank: number }> = {
  critical: { word: "Critical", look: "critical", rank: 6, means: "The whole interval is beyond the critical limit, and not by chance." },
  warning: { word: "Warning", look: "warning", rank: 5, means: "The whole interval is beyond the warning limit, and not by chance." },
  watch: { word: "Watch", look: "watch", rank: 4, means: "The value is beyond its limit, the interval is not. Nobody is notified." },
  ok: { word: "OK", look: "ok", rank: 0, means: "The value is inside its limit, or the metric only describes." },
  insufficient: { word: "Too few rows", look: "unknown", rank: 3, means: "There are too few rows to tell." },
  not_estimable: { word: "Not estimable", look: "unknown", rank: 2, means: "A denominator is empty or too small." },
  unsupported: { word: "Unsupported", look: "unknown", rank: 1, means: "The method's assumptions do not hold here." },
  late: { word: "Late", look: "watch", rank: 3, means: "No day was analysed lately." },
  unanalysed: { word: "Not analysed", look: "unknown", rank: 2, means: "No day was analysed yet." },
  retired: { word: "Retired", look: "unknown", rank: 0, means: "The model is no longer watched." },
  info: { word: "Info", look: "watch", rank: 3, means: "Shown, never notified." },
  healthy: { word: "Healthy", look: "ok", rank: 0, means: "Errors and confidence are as they should be." },
  degraded: { word: "Degraded", look: "warning", rank: 5, means: "Errors or low confidence are above the first limit." },
  unhealthy: { word: "Unhealthy", look: "critical", rank: 6, means: "Errors or low confidence are above the second limit." },
  unknown: { word: "Unknown", look: "unknown", rank: 1, means: "There is nothing to judge by." },
  open: { word: "Open", look: "critical", rank: 2, means: "Nobody has taken it yet." },
  acknowledged: { word: "Acknowledged", look: "watch", rank: 1, means: "Somebody is on it." },
  resolved: { word: "Resolved", look: "ok", rank: 0, means: "It is over." },
}; // prettier-ignore

export function meaning(verdict: string) {
  return MEANINGS[verdict] ?? { word: verdict, look: "unknown" as Look, rank: 0, means: "" };
}

export function worst(verdicts: readonly string[]): string {
  return verdicts.reduce((found, each) => (meaning(each).rank > meaning(found).rank ? each : found), "ok");
}

/** Whether a number is to be looked at with reserve: drawn hollow, and said why. */
export function isReserved(verdict: string, maturity?: string | null): boolean {
  return meaning(verdict).look === "unknown" || maturity === "provisional";
}
