/** Which notices a route or a silence means: as aimon.yaml has it, as a form has it, in words. */

export const SEVERITIES = ["critical", "warning", "info"] as const;
export const FAMILIES = ["drift", "quality", "fairness", "performance", "estimate", "operations", "privacy", "run", "silence"] as const;

export type When = Readonly<Record<string, unknown>>;

/** The names of a form's field are typed with commas between. */
export interface Draft {
  severity: readonly string[];
  family: readonly string[];
  model: string;
  owner: string;
  segment: string;
  cause: string;
  time: string;
}

/** A value or a list, as YAML allows both. */
export function several(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

export function draftOf(when: When = {}): Draft {
  const typed = (key: string) => several(when[key]).join(", ");
  return {
    severity: several(when.severity),
    family: several(when.family),
    model: typed("model"),
    owner: typed("owner"),
    segment: typed("segment"),
    cause: typed("cause"),
    time: several(when.time)[0] ?? "",
  };
}

/** What is written; nothing for what is left open, a plain value where there is one. */
export function whenOf(draft: Draft): Record<string, string | string[]> {
  const names = (text: string) => text.split(",").map((each) => each.trim()).filter(Boolean); // prettier-ignore
  const all: Record<string, readonly string[]> = {
    severity: draft.severity,
    family: draft.family,
    model: names(draft.model),
    owner: names(draft.owner),
    segment: names(draft.segment),
    cause: names(draft.cause),
    time: draft.time ? [draft.time] : [],
  };
  const told = Object.entries(all).filter(([, values]) => values.length > 0);
  return Object.fromEntries(told.map(([key, values]) => [key, values.length === 1 ? (values[0] ?? "") : [...values]]));
}

const WORDS: Record<string, (names: string) => string> = {
  severity: (names) => names,
  family: (names) => `of ${names}`,
  model: (names) => `about ${names}`,
  owner: (names) => `for ${names}`,
  segment: (names) => `where ${names}`,
  cause: (names) => `caused by ${names}`,
  time: (names) => (names.startsWith("not ") ? `outside of ${names.slice(4)}` : `during ${names}`),
};

/** "critical or warning, of drift, about loan-*": which notices are meant. */
export function conditions(when: When): string {
  const parts = Object.entries(WORDS).flatMap(([key, say]) => {
    const names = several(when[key]);
    return names.length ? [say(names.join(" or "))] : [];
  });
  return parts.length ? parts.join(", ") : "everything";
}

/** What a route does, as a sentence. */
export function told(when: When, to: readonly string[], digest: boolean): string {
  const meant = conditions(when);
  const which = meant === "everything" ? "all notices" : `notices that are ${meant}`;
  if (to.length === 0) return `Nobody is told of ${meant === "everything" ? "any notice" : which}.`;
  return `${which.charAt(0).toUpperCase()}${which.slice(1)} go to ${to.join(", ")}${digest ? " in the digest" : " at once"}.`;
}
