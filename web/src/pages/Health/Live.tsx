/** What the model does right now, pushed by the service: the last minutes, and what today used of its budget. */

import type { LiveMessage } from "../../live/feed";
import { Tile } from "../../kit/Tile";
import { compact, figure, valueOf } from "../../words/format";

export function Live({ of }: { of: readonly LiveMessage[] }) {
  return (
    <section className="stack tight" aria-label="Live">
      {of.map((each) => (
        <div key={each.version} className="grid" style={{ "--least": "180px" } as React.CSSProperties} data-live-version={each.version}>
          <Tile name={`Live, ${each.version}`} value={compact(each.calls)} verdict={each.health} reason={each.reason} below={`predictions in ${each.minutes} minutes, ${compact(each.total)} in all`} />
          <Tile name="Errors" value={valueOf("error_rate", each.error_rate)} below={`${figure(each.errors)} calls failed`} />
          <Tile name="p95 latency" value={valueOf("latency_p95", each.latency_s.p95)} below={`median ${valueOf("latency_p50", each.latency_s.p50)}`} />
          <Tile name="Mean confidence" value={figure(each.confidence)} below={`${valueOf("low_confidence_rate", each.low_confidence_rate)} unsure`} />
          <Tile name="Cost today" value={valueOf("cost_usd", Number(each.today.cost_usd))} below={each.today.budget_usd ? `of ${valueOf("cost_usd", Number(each.today.budget_usd))} a day` : "no budget is declared"} />
        </div>
      ))}
    </section>
  );
}
