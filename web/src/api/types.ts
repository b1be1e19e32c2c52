/** The answers of the API by the names that the pages use. Made from the service's own description: `schema.d.ts`. */

import type { components } from "./schema";

type Shapes = components["schemas"];

export type Me = Shapes["Me"];
export type Entered = Shapes["Entered"];
export type Incident = Shapes["IncidentShown"];
export type IncidentDetail = Shapes["IncidentDetail"];
export type MetricRecord = Shapes["aimon__service__records__Record"];
export type Records = Shapes["Records"];
export type DriftSnapshot = Shapes["DriftSnapshot"];
export type Baseline = Shapes["BaselineShown"];
export type ModelDetail = Shapes["ModelDetail"];
export type Status = Shapes["PlatformStatus"];
export type User = Shapes["UserShown"];
export type Invited = Shapes["Invited"];
export type OneTime = Shapes["OneTime"];
export type Key = Shapes["KeyShown"];
export type KeyMade = Shapes["KeyMade"];
export type AuditRecord = Shapes["aimon__service__auditlog__Record"];
export type Verification = Shapes["Verification"];

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Verdict = "ok" | "watch" | "warning" | "critical" | "insufficient" | "not_estimable" | "unsupported";

export type Audited = AuditRecord;
export type Notice = Shapes["NoticeShown"];
export type Channel = Shapes["ChannelShown"] & { kind: string; state: "ok" | "failing" | "resting" | "unused" | "undeclared" };
export type Silence = Omit<Shapes["SilenceShown"], "id"> & { id: number | null; declared: boolean };
export type Route = Shapes["RouteShown"];

export type Head = Shapes["Head"];
export type Overview = Shapes["Overview"];
export type FleetModel = Shapes["Line"];

export interface Point {
  day: string;
  value: number | null;
  low: number | null;
  high: number | null;
  threshold: number | null;
  verdict: string;
  maturity: string | null;
  n_current: number | null;
  version: string;
  baseline_id: string | null;
  run_id: string | null;
  as_of: string;
  reason: string | null;
}

export interface Series {
  family: string;
  metric: string;
  column: unknown;
  segment: unknown;
  group: unknown;
  groups: unknown;
  points: Point[];
}

export interface Bin {
  label: string;
  low: number | null;
  high: number | null;
  baseline: number;
  current: number;
  baseline_share: number;
  current_share: number;
}

export interface ColumnShown {
  column: string;
  kind: string;
  role: string;
  verdict: string;
  psi: number | null;
}

export interface Distribution {
  model: string;
  day: string;
  window: string;
  segment: string | null;
  segments: string[];
  baseline_id: string | null;
  baseline_rows: number;
  current_rows: number;
  columns: ColumnShown[];
  shown: ColumnShown & {
    sentence: string | null;
    log: boolean;
    bins: Bin[];
    special: Bin[];
    quartiles: { baseline: number[]; current: number[] } | null;
  };
}

export interface CalibrationSide {
  rows: number;
  predicted: number;
  observed: number;
  low: number;
  high: number;
}

export interface Calibration {
  day: string;
  window: string;
  maturity: string | null;
  ece: Omit<Head, "trend"> | null;
  bins: { low: number; high: number; baseline: CalibrationSide | null; current: CalibrationSide | null }[];
}

export interface Summary {
  model: string;
  day: string;
  as_of: string;
  version: string;
  baseline_id: string | null;
  headline: string;
  findings: { family: string; subject: string; title: string; segment: string | null; verdict: string; sentence: string; evidence: string }[];
  reports: Record<string, string>;
  run_id: string | null;
}

export interface Limit {
  metric: string;
  family: string;
  unit: string;
  side: string;
  warning: number | null;
  critical: number | null;
  declared: boolean;
}

export interface Thresholds {
  file: string;
  sha256: string;
  declared: Record<string, Record<string, unknown>>;
  effective: Limit[];
}

export interface Section {
  file: string;
  sha256: string;
  value: unknown;
  text: string;
}

export interface Changed {
  id: number;
  file: string;
  section: string | null;
  at: string;
  by: string;
  reason: string;
  undoes: number | null;
  undone_by: number | null;
}

export interface Explained {
  sentence: string;
  routes: { number: number; when: Record<string, unknown>; to: string[]; fits: boolean; decides: boolean; because: string }[];
  channels: { channel: string; kind: string; digest: boolean; goes_at: string; resting_until: string | null }[];
}

export interface ReportsOf {
  model: string;
  day: string;
  forms: Record<string, string>;
}

export interface Version {
  version: string;
  first_day: string;
  last_day: string;
  days: number;
}

export interface About {
  version: string;
  dagster_url: string | null;
}
