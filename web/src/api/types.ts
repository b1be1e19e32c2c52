/** The answers of the API by the names that the pages use. Made from the service's own description: `schema.d.ts`. */

import type { components } from "./schema";

type Shapes = components["schemas"];

export type Me = Shapes["Me"];
export type Entered = Shapes["Entered"];
export type Ways = Shapes["Ways"];
export type Left = Shapes["Left"];
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
export type Channel = Shapes["ChannelShown"];
export type Silence = Shapes["SilenceShown"];
export type Route = Shapes["RouteShown"];

export type Head = Shapes["Head"];
export type Overview = Shapes["Overview"];
export type FleetModel = Shapes["Line"];

export type Point = Shapes["Point"];

export type Series = Shapes["Trend"];

export type Bin = Shapes["Bin"];

export type ColumnShown = Shapes["ColumnShown"];

export type Distribution = Shapes["Distributions"];

export type Calibration = Shapes["Calibration"];

export type Summary = Shapes["aimon__service__charts__Summary"];

export type Limit = Shapes["EffectiveLimit"];

export type Thresholds = Shapes["ThresholdsShown"];

export type Section = Shapes["SectionShown"];

export type Changed = Shapes["EditShown"];

export type Explained = Shapes["Explained"];

export type ReportsOf = Shapes["ReportOfModel"];

export type Version = Shapes["VersionShown"];

export type About = Shapes["About"];
