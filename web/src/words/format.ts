/** Numbers, days and names as people read them. Pure functions; no page composes figures by itself. */

const FEW = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });

const SHARES = new Set([
  "accuracy", "balanced_accuracy", "precision", "recall", "f1", "estimated_accuracy", "estimated_precision",
  "estimated_recall", "estimated_f1", "error_rate", "low_confidence_rate", "selection_rate", "tpr", "fpr", "fnr", "tnr",
  "ppv", "npv", "base_rate", "support_share", "missing_shift", "unseen_share", "out_of_range", "labelled_share",
  "unknown_share",
]); // prettier-ignore

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
  if (SHARES.has(metric)) return `${FEW.format(Math.round(value * 10000) / 100)}\u00a0%`;
  if (metric.startsWith("latency_")) return value < 1 ? `${figure(value * 1000)}\u00a0ms` : `${figure(value)}\u00a0s`;
  if (metric === "cost_usd") return MONEY.format(value);
  if (metric === "volume" || metric === "tokens" || metric === "count") return compact(value);
  return figure(value);
}

/** "0.27 to 0.36", or null where the number has no interval. */
export function interval(metric: string, low: number | null | undefined, high: number | null | undefined): string | null {
  if (low === null || low === undefined || high === null || high === undefined) return null;
  return `${valueOf(metric, low)} to ${valueOf(metric, high)}`;
}

const NAMES: Record<string, string> = {
  psi: "PSI", kl: "KL divergence", js: "Jensen-Shannon", wasserstein: "Wasserstein", ks: "Kolmogorov-Smirnov",
  chi2: "Cramér's V", hellinger: "Hellinger", drift_score: "Drift score", roc_auc: "ROC AUC", f1: "F1", mcc: "MCC",
  ece: "Calibration error", mae: "Mean absolute error", rmse: "RMSE", r2: "R²", cost_usd: "Cost", tpr: "True positive rate",
  fpr: "False positive rate", fnr: "False negative rate", tnr: "True negative rate", ppv: "Precision (PPV)", npv: "NPV",
  domain_auc: "Rows told apart (AUC)", estimated_roc_auc: "Estimated ROC AUC", estimated_f1: "Estimated F1", latency_p50: "Median latency",
  latency_p95: "p95 latency", latency_p99: "p99 latency",
}; // prettier-ignore

/** "demographic_parity_difference" is "Demographic parity difference". */
export function nameOf(metric: string): string {
  const known = NAMES[metric];
  if (known) return known;
  const words = metric.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
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

/** A list in words: "income, age and region". */
export function listed(items: readonly string[], most = 4): string {
  const shown = items.length > most ? [...items.slice(0, most), `${items.length - most} more`] : [...items];
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
}
