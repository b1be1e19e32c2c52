/** Whether the model works: what it predicts, how right it is or is estimated to be, how sure, how fast, at what cost. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";

import { useCalibration, useDistribution, useModel, useTrends } from "../../api/queries";
import type { Page, Series } from "../../api/types";
import { TrendFigure } from "../../charts/TrendFigure";
import { FilterBar, useFilters } from "../../filters/FilterBar";
import { type Filters, timeOf, useUrl } from "../../filters/url";
import { Panel } from "../../kit/Panel";
import { Loaded } from "../../kit/States";
import { Tile } from "../../kit/Tile";
import { useLive } from "../../live/Live";
import { compact, interval, label, nameOf, valueOf } from "../../words/format";
import { limitOf, linesOf, nameOfSeries } from "../day";
import { Distribution } from "../Distribution";
import { Heading } from "../Heading";
import { Calibration } from "./Calibration";
import { Live } from "./Live";

const RIGHT: Record<string, readonly string[]> = {
  binary: ["accuracy", "estimated_accuracy"],
  multiclass: ["accuracy", "estimated_accuracy"],
  generative: ["accuracy", "estimated_accuracy"],
  regression: ["mae", "estimated_mae"],
  ranking: ["ndcg", "mrr"],
};
const TILES: Record<string, readonly string[]> = {
  binary: ["accuracy", "estimated_accuracy", "roc_auc", "f1"],
  multiclass: ["accuracy", "estimated_accuracy", "balanced_accuracy", "mcc"],
  regression: ["mae", "rmse", "r2", "bias"],
};

/** What stands in the legend of a figure whose title says the rest. */
const SHORT: Record<string, string> = { entropy_shift: "Entropy", confidence_shift: "Confidence", class_shift: "Classes" };

export default function Health() {
  const filters = useFilters();
  const [url, change] = useUrl();
  const model = useModel(filters.model);
  const task = model.data?.task ?? "binary";
  const time = filters.range === "24h" ? { range: "7d" } : timeOf(filters);
  const asked = { segment: filters.segment ?? "", window: "1d", ...time };
  const found = useDistribution(filters.model, { day: url.get("day"), segment: filters.segment });
  const role = (wanted: string) => found.data?.columns.find((each) => each.role === wanted)?.column ?? null;
  const right = RIGHT[task] ?? RIGHT.binary ?? [];
  const tiles = TILES[task] ?? TILES.multiclass ?? [];
  const performance = useTrends(filters.model, { metric: [...new Set([...right, ...tiles])], ...asked });
  const doubts = useTrends(filters.model, { metric: ["entropy_shift", "confidence_shift", "class_shift"], ...asked });
  const sure = useTrends(filters.model, { metric: "low_confidence_rate", ...asked });
  const speed = useTrends(filters.model, { metric: ["latency_p50", "latency_p95", "latency_p99"], ...asked });
  const load = useTrends(filters.model, { metric: "volume", ...asked });
  const errors = useTrends(filters.model, { metric: "error_rate", ...asked });
  const cost = useTrends(filters.model, { metric: "cost_usd", ...asked });
  const calibration = useCalibration(filters.model, { day: url.get("day"), window: "30d" });
  const live = useLive(filters.model);
  const day = (chosen: string) => change({ day: chosen });
  return (
    <>
      <Heading
        title="Health"
        families={["performance", "estimate", "operations"]}
        day={url.get("day")}
        calm="The model performs as it did in the baseline, as far as labels and estimates tell."
        filters={<FilterBar segments={found.data?.segments} />}
      />
      <div className="stack">
        {live.length > 0 && <Live of={live} />}
        <Tiles series={performance.data?.items ?? []} metrics={tiles} filters={filters} />
        <div className="grid" style={{ "--least": "440px" } as React.CSSProperties}>
          <Lines
            title={`${nameOf(right[0] ?? "")}, ${right.length > 1 ? "by labels and estimated" : "by day"}`}
            says="By labels where they exist, estimated where they do not; hollow points are provisional or cannot be told."
            query={performance}
            metrics={right}
            filters={filters}
            onDay={day}
          />
          <Distribution model={filters.model} day={url.get("day")} column={role("prediction")} segment={filters.segment} title="Predictions" />
          <Distribution model={filters.model} day={url.get("day")} column={role("score")} segment={filters.segment} title="Confidence" />
          <Lines title="Entropy, confidence and classes" says="How far the predictions moved from the baseline's." query={doubts} filters={filters} onDay={day} short />
          {calibration.data && <Calibration of={calibration.data} />}
          <Lines title="Share of unsure predictions" query={sure} filters={filters} onDay={day} limited />
          <Lines title="Latency" query={speed} filters={filters} onDay={day} zero />
          <Lines title="Volume" says="Rows a day." query={load} filters={filters} onDay={day} zero />
          {(errors.data?.items.length ?? 0) > 0 && <Lines title="Errors" query={errors} filters={filters} onDay={day} zero limited />}
          {(cost.data?.items.length ?? 0) > 0 && <Lines title="Cost a day" query={cost} filters={filters} onDay={day} zero limited />}
        </div>
      </div>
    </>
  );
}

interface LinesProps {
  title: string;
  says?: string;
  query: UseQueryResult<Page<Series>>;
  /** Those to draw, of several that were asked for together. */
  metrics?: readonly string[];
  filters: Filters;
  onDay: (day: string) => void;
  zero?: boolean;
  limited?: boolean;
  short?: boolean;
}

function Lines({ title, says, query, metrics, filters, onDay, zero, limited, short = false }: LinesProps) {
  const { version } = filters;
  const items = query.data?.items;
  const wanted = metrics?.join();
  const lines = useMemo(() => {
    const drawn = (items ?? []).filter((each) => ofAll(each) && (wanted === undefined || wanted.split(",").includes(each.metric)));
    return namedLines(drawn, version, short);
  }, [items, wanted, version, short]);
  const limit = limited ? limitOf(lines[0]) : null;
  if (!items) {
    return (
      <Panel title={title}>
        <Loaded query={query} lines={6}>{() => null}</Loaded>
      </Panel>
    );
  }
  return <TrendFigure title={title} says={says} lines={lines} options={{ zero, limits: limit === null ? [] : [{ value: limit, name: "limit" }] }} onDay={onDay} />;
}

/** Lines by the name of their metric; where one metric has several, what each is of stands beside it. */
function namedLines(series: readonly Series[], version: string | null, short: boolean) {
  const sorted = [...series].sort((a, b) => a.metric.localeCompare(b.metric));
  const count = (metric: string) => sorted.filter((each) => each.metric === metric).length;
  return linesOf(sorted, { version }, (each) => {
    const name = short ? (SHORT[each.metric] ?? nameOf(each.metric)) : nameOf(each.metric);
    if (count(each.metric) === 1) return name;
    return short ? `${name}: ${label(each.column)}` : nameOfSeries(each);
  });
}

/** A number of the whole model: of no class and no group. */
function ofAll(each: Series): boolean {
  return each.group === null;
}

function Tiles({ series, metrics, filters }: { series: readonly Series[]; metrics: readonly string[]; filters: Filters }) {
  const lines = linesOf(series.filter((each) => each.group === null), filters, (each) => nameOf(each.metric));
  return (
    <div className="grid" style={{ "--least": "210px" } as React.CSSProperties}>
      {metrics.map((metric) => {
        const line = lines.find((each) => each.metric === metric);
        const point = line?.points.at(-1);
        if (!line || !point) return null;
        return (
          <Tile
            key={metric}
            name={nameOf(metric)}
            value={valueOf(metric, point.value)}
            bounds={interval(metric, point.low, point.high)}
            verdict={point.verdict}
            reason={point.reason}
            maturity={point.maturity}
            trend={line.points.map((each) => each.value)}
            limit={point.threshold}
            low={point.low}
            high={point.high}
            below={point.n_current === null ? undefined : `${compact(point.n_current)} rows`}
          />
        );
      })}
    </div>
  );
}
