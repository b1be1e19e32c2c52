/** The filters of a page live in its address, so that a link shows what the sender saw. */

import { useCallback } from "react";
import { useSearchParams } from "wouter";

export type UrlChange = Record<string, string | null | undefined>;

/** The address's parameters, and a way to change some of them; null takes one away. */
export function useUrl(): [URLSearchParams, (change: UrlChange) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (wanted: UrlChange) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [key, value] of Object.entries(wanted)) {
            if (value === null || value === undefined || value === "") after.delete(key);
            else after.set(key, value);
          }
          return after;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [params, change];
}

export type RangeName = "24h" | "7d" | "30d" | "custom";
export const SHARED = ["model", "version", "segment", "group", "range", "from", "to"] as const;

export interface Filters {
  model: string | null;
  version: string | null;
  segment: string | null;
  group: string | null;
  range: RangeName;
  from: string | null;
  to: string | null;
}

export function filtersOf(params: URLSearchParams): Filters {
  const [from, to] = [day(params.get("from")), day(params.get("to"))];
  const asked = params.get("range");
  const named = asked === "24h" || asked === "7d" ? asked : "30d";
  return {
    model: params.get("model"),
    version: params.get("version"),
    segment: params.get("segment"),
    group: params.get("group"),
    range: from || to ? "custom" : named,
    from,
    to,
  };
}

function day(text: string | null): string | null {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : null;
}

/** The time of the filters as the API asks for it. */
export function timeOf(filters: Filters): Record<string, string | null> {
  return filters.range === "custom" ? { from: filters.from, to: filters.to } : { range: filters.range };
}

/** The window whose records fit the time: a day each for lines, and the rolling one for a single number. */
export function windowOf(filters: Filters): "1d" | "7d" | "30d" {
  return filters.range === "7d" ? "7d" : filters.range === "30d" ? "30d" : "1d";
}

/** An address on another page that keeps what both pages filter by. */
export function linkTo(path: string, params: URLSearchParams, more: UrlChange = {}): string {
  const kept = new URLSearchParams();
  for (const key of SHARED) {
    const value = params.get(key);
    if (value) kept.set(key, value);
  }
  for (const [key, value] of Object.entries(more)) {
    if (value === null || value === undefined || value === "") kept.delete(key);
    else kept.set(key, value);
  }
  const text = kept.toString();
  return text ? `${path}?${text}` : path;
}
