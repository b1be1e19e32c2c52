/** Every cause of trouble: what stands in words, then the table; one in detail, with what people do about it. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useLocation, useParams, useSearchParams } from "wouter";

import { addressOf } from "../../api/client";
import { useIncidents, useFleet } from "../../api/queries";
import type { Incident } from "../../api/types";
import { linkTo, useUrl } from "../../filters/url";
import { Field, Select } from "../../kit/Form";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Fault, Loading } from "../../kit/States";
import { Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { dayOf, plural } from "../../words/format";
import { meaning } from "../../words/verdicts";
import { IncidentDialog } from "./Detail";

const STATUSES = [
  { value: "standing", label: "Not resolved" },
  { value: "", label: "All" },
  { value: "open", label: "Open" },
  { value: "acknowledged", label: "Acknowledged" },
  { value: "resolved", label: "Resolved" },
];

export default function Incidents() {
  const [params, change] = useUrl();
  const [, go] = useLocation();
  const { id } = useParams<{ id?: string }>();
  const fleet = useFleet();
  const queries = useQueryClient();
  const status = params.get("status") ?? "standing";
  const asked = {
    model: params.get("model"),
    severity: params.get("severity"),
    ...(status === "standing" ? { standing: true } : { status: status === "all" ? null : status }),
    historic: params.get("past") === "yes" ? null : false,
  };
  const incidents = useIncidents(asked);
  const shown = incidents.data?.pages.flatMap((page) => page.items) ?? [];
  const standing = fleet.data?.items.reduce((sum, each) => sum + Object.values(each.incidents).reduce((a, b) => a + b, 0), 0);
  useEffect(() => {
    if (standing !== undefined) void queries.invalidateQueries({ queryKey: ["incidents"] });
  }, [standing, queries]);
  const models = fleet.data?.items.map((each) => each.model).sort() ?? [];
  const table = addressOf("/monitoring/incidents.csv", { model: asked.model, severity: asked.severity, status: "status" in asked ? asked.status : null });
  return (
    <>
      <div className="page-head">
        <h1>Incidents</h1>
        {incidents.data && <p className="lead">{inWords(shown, status)}</p>}
        <div className="filters" role="search" aria-label="Filters">
          <Field label="Status">
            <Select value={status === "all" ? "" : status} choices={STATUSES} onChange={(event) => change({ status: event.target.value === "standing" ? null : event.target.value || "all" })} />
          </Field>
          <Field label="Severity">
            <Select
              value={params.get("severity") ?? ""}
              onChange={(event) => change({ severity: event.target.value })}
              choices={[{ value: "", label: "All" }, { value: "critical", label: "Critical" }, { value: "warning", label: "Warning" }]}
            />
          </Field>
          <Field label="Model">
            <Select
              value={params.get("model") ?? ""}
              onChange={(event) => change({ model: event.target.value })}
              choices={[{ value: "", label: "All" }, ...models.map((value) => ({ value, label: value }))]}
            />
          </Field>
          <Field label="About">
            <Select
              value={params.get("past") ?? ""}
              onChange={(event) => change({ past: event.target.value })}
              choices={[{ value: "", label: "Now" }, { value: "yes", label: "Now and the past" }]}
            />
          </Field>
        </div>
      </div>
      <Panel
        title={incidents.hasNextPage ? `The newest ${shown.length} incidents` : incidents.data ? plural(shown.length, "incident") : "Incidents"}
        flush
        actions={
          <a className="button quiet small" href={table} download="incidents.csv" aria-label="Save incidents as CSV">
            CSV
          </a>
        }
      >
        {incidents.error ? (
          <Fault error={incidents.error} onRetry={() => void incidents.refetch()} />
        ) : !incidents.data ? (
          <div className="body">
            <Loading lines={6} />
          </div>
        ) : shown.length === 0 ? (
          <Empty title="Nothing to show">No incident is like that. Quiet is what most days should be.</Empty>
        ) : (
          <Table
            label="Incidents, the newest first"
            columns={COLUMNS}
            rows={shown}
            keyOf={(each) => String(each.id)}
            onOpen={(each) => go(linkTo(`/incidents/${each.id}`, params, filtersKept(params)))}
          />
        )}
        {incidents.hasNextPage && (
          <div className="body">
            <button type="button" className="button" disabled={incidents.isFetchingNextPage} onClick={() => void incidents.fetchNextPage()}>
              Show more
            </button>
          </div>
        )}
      </Panel>
      {id && <IncidentDialog id={Number(id)} onClose={() => go(linkTo("/incidents", params, filtersKept(params)))} />}
    </>
  );
}

function filtersKept(params: URLSearchParams) {
  return { status: params.get("status"), severity: params.get("severity"), past: params.get("past") };
}

function inWords(shown: readonly Incident[], status: string): string {
  if (status !== "standing") return `${plural(shown.length, "incident")} ${shown.length === 1 ? "fits" : "fit"} these filters.`;
  if (shown.length === 0) return "No incident stands. Nobody has to do anything.";
  const critical = shown.filter((each) => each.severity === "critical").length;
  const unseen = shown.filter((each) => each.status === "open").length;
  const newest = shown[0];
  const all = shown.length;
  const severe = critical === 0 ? "none of them critical" : critical === all ? (all === 1 ? "critical" : "all critical") : `${critical} of them critical`;
  const taken = unseen === 0 ? "somebody is on each" : unseen === all ? `nobody has taken ${all === 1 ? "it" : "any"} yet` : `nobody has taken ${unseen} of them yet`;
  return `${plural(all, "incident")} ${all === 1 ? "stands" : "stand"}, ${severe}; ${taken}. The newest: ${newest?.title ?? ""}.`;
}

function Title({ of }: { of: Incident }) {
  const [params] = useSearchParams();
  return (
    <Link href={linkTo(`/incidents/${of.id}`, params, filtersKept(params))} onClick={(event) => event.stopPropagation()}>
      {of.title}
    </Link>
  );
}

const COLUMNS: readonly TableColumn<Incident>[] = [
  { id: "id", title: "No.", value: (each) => each.id, number: true, wide: true },
  { id: "severity", title: "Severity", value: (each) => each.severity, order: (each) => meaning(each.severity).rank, cell: (each) => <Mark of={each.severity} /> },
  { id: "title", title: "What", value: (each) => each.title, cell: (each) => <Title of={each} />, wrap: true },
  { id: "model", title: "Model", value: (each) => each.model, wide: true },
  { id: "status", title: "Status", value: (each) => each.status, cell: (each) => <Mark of={each.status} bare /> },
  { id: "assignee", title: "Whose", value: (each) => each.assignee, wide: true },
  { id: "days", title: "Days", value: (each) => each.first_day, wide: true, cell: (each) => `${dayOf(each.first_day)} – ${dayOf(each.last_day)}` },
  { id: "opened", title: "Opened", value: (each) => each.opened_at, cell: (each) => <Time at={each.opened_at} relative /> },
];
