/** One incident: what it is about, its evidence, its history, whom it reached, and what can be done about it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { post } from "../../api/client";
import { useIncident } from "../../api/queries";
import type { Incident, IncidentDetail } from "../../api/types";
import { Dialog } from "../../kit/Dialog";
import { Area, Field, Input } from "../../kit/Form";
import { Mark, VerdictMark } from "../../kit/Mark";
import { Fault, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { useSay } from "../../kit/Toasts";
import { useSession } from "../../session/Session";
import { dayOf, interval, label, nameOf, plural, valueOf } from "../../words/format";
import { Of } from "../Of";

export function IncidentDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const incident = useIncident(id);
  return (
    <Dialog
      open
      onClose={onClose}
      width={1080}
      title={incident.data ? incident.data.title : `Incident ${id}`}
      says={incident.data ? inWords(incident.data) : undefined}
    >
      <Loaded query={incident} lines={8}>
        {(data) => <Detail of={data} />}
      </Loaded>
    </Dialog>
  );
}

function inWords(of: Incident): string {
  const days = of.first_day === of.last_day ? `on ${dayOf(of.first_day)}` : `from ${dayOf(of.first_day)} to ${dayOf(of.last_day)}`;
  const state =
    of.status === "resolved" ? "It is over." : of.status === "acknowledged" ? `${of.assignee ?? "Somebody"} is on it.` : "Nobody has taken it yet.";
  return `Seen in ${of.model} ${of.first_day ? days : ""}. ${state}`;
}

const PAGES: Record<string, string> = { drift: "/drift", fairness: "/fairness", performance: "/health", operations: "/health", quality: "/drift" };

function Detail({ of }: { of: IncidentDetail }) {
  const { may } = useSession();
  const link = PAGES[of.kind] ?? "/model";
  const findings = [...(of.findings as unknown as Finding[])].reverse();
  const columns = FINDINGS.filter((each) => !SOMETIMES.has(each.id) || findings.some((finding) => each.value(finding) !== null));
  return (
    <div className="stack">
      <div className="row wrap">
        <Mark of={of.severity} />
        <Mark of={of.status} />
        {of.historic && <span className="chip">about the past: nobody was told</span>}
        {of.assignee && <span className="chip">{of.assignee}</span>}
        <span className="soft small">
          opened <Time at={of.opened_at} />, last change <Time at={of.updated_at} />
        </span>
      </div>
      <div className="row wrap">
        <Link className="button small" href={`${link}?model=${encodeURIComponent(of.model)}${of.last_day ? `&day=${of.last_day}` : ""}`}>
          Show it on the {link.slice(1)} page
        </Link>
        {of.last_day && (
          <Link className="button small" href={`/reports?model=${encodeURIComponent(of.model)}&day=${of.last_day}`}>
            Report of {dayOf(of.last_day)}
          </Link>
        )}
      </div>
      {may("admin") && <Deeds of={of} />}
      <section className="stack tight" aria-label="Evidence">
        <div className="row apart">
          <h3>Evidence: {plural(findings.length, "finding")}</h3>
          <CsvButton title={`incident ${of.id}`} columns={columns} rows={findings} />
        </div>
        <Table label="Evidence" columns={columns} rows={findings} keyOf={(_, index) => String(index)} height={260} />
      </section>
      <section className="stack tight" aria-label="History">
        <h3>History</h3>
        <ol className="stack tight">
          {told(of.events as unknown as Event[]).map(([event, times], index) => (
            <li key={index} className="row wrap">
              <Time at={event.at} />
              <strong>
                {nameOf(event.kind)}
                {times > 1 ? `, ${times} times` : ""}
              </strong>
              <span className="soft">{event.actor}</span>
              {saidIn(event) && <span>{saidIn(event)}</span>}
            </li>
          ))}
        </ol>
      </section>
      <section className="stack tight" aria-label="Notices">
        <h3>Notices</h3>
        {of.notices.length === 0 ? (
          <p className="soft">Nobody was told{of.historic ? ": it is about the past" : " yet"}.</p>
        ) : (
          <ul className="stack tight">
            {(of.notices as unknown as Told[]).map((notice) => (
              <li key={notice.id} className="row wrap">
                <Time at={notice.created_at} />
                <span className="chip">{notice.channel}</span>
                <span>{notice.status}</span>
                <span className="soft">{notice.subject}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

/** The same again and again, without words of its own, is told once with how often. */
function told(events: readonly Event[]): [Event, number][] {
  const found: [Event, number][] = [];
  for (const event of events) {
    const last = found.at(-1);
    if (last && last[0].kind === event.kind && last[0].actor === event.actor && !saidIn(event)) found[found.length - 1] = [event, last[1] + 1];
    else found.push([event, 1]);
  }
  return found;
}

function saidIn(event: Event): string {
  const said = event.detail.text ?? event.detail.note ?? event.detail.reason ?? event.detail.to;
  return typeof said === "string" ? said : "";
}

/** What people do about it. Only whoever may sees it. */
function Deeds({ of }: { of: IncidentDetail }) {
  const [text, setText] = useState("");
  const [to, setTo] = useState("");
  const say = useSay();
  const { name } = useSession();
  const queries = useQueryClient();
  const deed = useMutation({
    mutationFn: ({ act, body }: { act: string; body: object; said: string }) => post(`/monitoring/incidents/${of.id}/${act}`, body),
    onSuccess: async (_, { said }) => {
      say(said);
      setText("");
      setTo("");
      await Promise.all(["incident", "incidents", "overview"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  const act = (what: string, said: string) => deed.mutate({ act: what, body: { text }, said });
  return (
    <div className="stack tight panel" style={{ padding: 12 }}>
      <Field label="Words for the history">
        <Area value={text} rows={2} maxLength={2000} placeholder="what you found, what you do" onChange={(event) => setText(event.target.value)} />
      </Field>
      {deed.error && <Fault error={deed.error} />}
      <div className="row wrap">
        {of.status === "open" && (
          <button type="button" className="button main" disabled={deed.isPending} onClick={() => act("acknowledge", "Acknowledged")}>
            Acknowledge
          </button>
        )}
        {of.status !== "resolved" && (
          <button type="button" className="button" disabled={deed.isPending} onClick={() => act("resolve", "Resolved")}>
            Resolve
          </button>
        )}
        {of.status === "resolved" && (
          <button type="button" className="button" disabled={deed.isPending} onClick={() => act("reopen", "Reopened")}>
            Reopen
          </button>
        )}
        <button type="button" className="button" disabled={deed.isPending || !text.trim()} onClick={() => act("comment", "Comment written")}>
          Comment
        </button>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            deed.mutate({ act: "assign", body: { to: to || name }, said: `Assigned to ${to || name}` });
          }}
        >
          <Input aria-label="Assign to" placeholder={name} value={to} style={{ width: 130 }} onChange={(event) => setTo(event.target.value)} />
          <button type="submit" className="button" disabled={deed.isPending}>
            Assign
          </button>
        </form>
      </div>
    </div>
  );
}

interface Finding {
  day: string | null;
  window: string | null;
  family: string;
  metric: string;
  column: unknown;
  segment: string | null;
  group: unknown;
  value: number | null;
  low: number | null;
  high: number | null;
  threshold: number | null;
  verdict: string;
  note: string | null;
}

interface Event {
  at: string;
  kind: string;
  actor: string;
  detail: Record<string, unknown>;
}

interface Told {
  id: string;
  channel: string;
  status: string;
  subject: string;
  created_at: string;
}

/** Columns that are left out where no finding has such a thing. */
const SOMETIMES = new Set(["segment", "group"]);

const FINDINGS: readonly TableColumn<Finding>[] = [
  { id: "day", title: "Day", value: (each) => each.day, cell: (each) => dayOf(each.day) },
  { id: "window", title: "Window", value: (each) => each.window, wide: true },
  { id: "metric", title: "Metric", value: (each) => each.metric, cell: (each) => nameOf(each.metric) },
  { id: "column", title: "Of", value: (each) => label(each.column), cell: (each) => <Of column={each.column} inside={[each.window, each.group, each.segment]} /> },
  { id: "segment", title: "Segment", value: (each) => each.segment, wide: true },
  { id: "group", title: "Group", value: (each) => each.group, cell: (each) => (each.group ? label(each.group) : "–"), wide: true },
  { id: "value", title: "Value", number: true, value: (each) => each.value, cell: (each) => valueOf(each.metric, each.value) },
  { id: "interval", title: "95 % interval", value: (each) => interval(each.metric, each.low, each.high), wide: true },
  { id: "limit", title: "Limit", number: true, value: (each) => each.threshold, cell: (each) => valueOf(each.metric, each.threshold) },
  { id: "verdict", title: "Verdict", value: (each) => each.verdict, cell: (each) => <VerdictMark verdict={each.verdict} reason={each.note} /> },
];
