/** One number: its name, value, interval, verdict, and its line. Dashed where it is to be read with reserve. */

import type { ReactNode } from "react";

import { isReserved, meaning } from "../words/verdicts";
import { VerdictMark } from "./Mark";
import { Sparkline } from "./Sparkline";

interface Props {
  name: string;
  value: string;
  bounds?: string | null;
  verdict?: string;
  reason?: string | null;
  maturity?: string | null;
  trend?: readonly (number | null)[];
  limit?: number | null;
  low?: number | null;
  high?: number | null;
  below?: ReactNode;
}

export function Tile({ name, value, bounds, verdict, reason, maturity, trend, limit, low, high, below }: Props) {
  const untold = verdict !== undefined && meaning(verdict).look === "unknown";
  const reserved = verdict !== undefined && isReserved(verdict, maturity);
  return (
    <div className={reserved ? "tile reserved" : "tile"}>
      <div className="row apart">
        <h3>{name}</h3>
        {verdict && <VerdictMark verdict={verdict} reason={reason} />}
      </div>
      <div className="row apart" style={{ alignItems: "end" }}>
        <span className="big">{value}</span>
        {trend && <Sparkline values={trend} label={`${name}, by day`} look={meaning(verdict ?? "ok").look} limit={limit} low={low} high={high} />}
      </div>
      {bounds && <span className="soft small">95 %: {bounds}</span>}
      {untold && <span className="soft small">{reason ?? meaning(verdict).means}</span>}
      {maturity === "provisional" && <span className="soft small">provisional: labels are still arriving</span>}
      {below && <span className="soft small">{below}</span>}
    </div>
  );
}
