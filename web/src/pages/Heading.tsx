/** The head of a page about one model: what happened in words, the filters, the ways on. */

import type { ReactNode } from "react";
import { Link, useSearchParams } from "wouter";

import { useAbout, useSummary } from "../api/queries";
import { useFilters } from "../filters/FilterBar";
import { linkTo } from "../filters/url";
import { Shape } from "../kit/Mark";
import { dayOf, sentence } from "../words/format";
import { meaning, worst } from "../words/verdicts";

interface Props {
  title: string;
  families: readonly string[];
  day: string | null;
  filters: ReactNode;
  /** What is said where the families found nothing. */
  calm: string;
}

export function Heading({ title, families, day, filters, calm }: Props) {
  const { model } = useFilters();
  const [params] = useSearchParams();
  const summary = useSummary(model, day);
  const about = useAbout();
  const own = summary.data?.findings.filter((each) => families.includes(each.family)) ?? [];
  const verdict = worst(own.map((each) => each.verdict));
  const run = summary.data?.run_id && about.data?.dagster_url ? `${about.data.dagster_url}/runs/${summary.data.run_id}` : null;
  return (
    <div className="page-head">
      <h1>{title}</h1>
      {summary.data && (
        <div className="stack tight">
          <p className="lead row" style={{ alignItems: "baseline" }}>
            <Shape look={own.length ? meaning(verdict).look : "ok"} />
            <span>
              {own.length ? own.slice(0, 3).map((each) => sentence(each, summary.data.day)).join(" ") : calm} <span className="soft">({dayOf(summary.data.day)})</span>
            </span>
          </p>
          <p className="row wrap small">
            {summary.data.reports.html && (
              <a href={summary.data.reports.html} target="_blank" rel="noreferrer">
                Report of the day
              </a>
            )}
            <Link href={linkTo("/model", params, { model, tab: "records", day: summary.data.day, family: families[0] })}>Records of the day</Link>
            {run && (
              <a href={run} target="_blank" rel="noreferrer">
                Dagster run
              </a>
            )}
          </p>
        </div>
      )}
      {filters}
    </div>
  );
}

