/** The audit log: what was done and denied, whether the log is whole, all of it to take away. */

import { useMutation } from "@tanstack/react-query";

import { addressOf, get } from "../../api/client";
import { useAudit } from "../../api/queries";
import type { Audited, Verification } from "../../api/types";
import { useUrl } from "../../filters/url";
import { Field, Input } from "../../kit/Form";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Fault, Loading } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { plural } from "../../words/format";

const COLUMNS: readonly TableColumn<Audited>[] = [
  { id: "sequence", title: "No.", number: true, value: (each) => each.sequence, wide: true },
  { id: "at", title: "When", value: (each) => each.at, cell: (each) => <Time at={each.at} /> },
  { id: "actor", title: "Who", value: (each) => each.actor },
  { id: "action", title: "What", value: (each) => each.action, cell: (each) => <span className={each.action.includes("denied") ? "ink-warning" : undefined}>{each.action}</span> },
  { id: "subject", title: "Of what", value: (each) => each.subject, cell: (each) => <Short text={each.subject} /> },
  { id: "detail", title: "Detail", value: (each) => JSON.stringify(each.detail), cell: (each) => <span className="soft small anywhere">{inWords(each.detail)}</span>, wrap: true, wide: true },
];

const LONGEST = 34;

function Short({ text }: { text: string }) {
  return text.length > LONGEST ? <span title={text}>{`${text.slice(0, LONGEST - 1)}…`}</span> : <>{text}</>;
}

/** "role viewer, day 2026-11-20": what is long is cut; the export has it whole. */
function inWords(detail: Record<string, unknown>): string {
  const told = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
  return Object.entries(detail)
    .map(([key, value]) => `${key.replaceAll("_", " ")} ${cut(told(value))}`)
    .join(", ");
}

export function Audit() {
  const [url, change] = useUrl();
  const audit = useAudit({ actor: url.get("actor"), action: url.get("action") });
  const verify = useMutation({ mutationFn: () => get<Verification>("/audit/verify") });
  const rows = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel
      title="Audit log"
      says={verify.data ? <Verified of={verify.data} /> : "A chain: each record seals the one before it."}
      flush
      actions={
        <>
          <button type="button" className="button small" disabled={verify.isPending} onClick={() => verify.mutate()}>
            {verify.isPending ? "Verifying…" : "Verify the chain"}
          </button>
          <a className="button quiet small" href={addressOf("/audit/export")} download="audit.jsonl">
            Export
          </a>
          <CsvButton title="audit" columns={COLUMNS} rows={rows} />
        </>
      }
    >
      <div className="filters inside">
        <Field label="Who">
          <Input placeholder="user:ann" defaultValue={url.get("actor") ?? ""} onBlur={(event) => change({ actor: event.target.value })} />
        </Field>
        <Field label="What">
          <Input placeholder="incidents.acknowledge" defaultValue={url.get("action") ?? ""} onBlur={(event) => change({ action: event.target.value })} />
        </Field>
      </div>
      {verify.error && <Fault error={verify.error} />}
      {audit.error ? <Fault error={audit.error} onRetry={() => void audit.refetch()} /> : !audit.data ? <Loading /> : rows.length ? <Table label="Audit log" columns={COLUMNS} rows={rows} keyOf={(each) => String(each.sequence)} /> : <Empty title="Nothing is like that" />}
      {audit.hasNextPage && (
        <div className="body">
          <button type="button" className="button" onClick={() => void audit.fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </Panel>
  );
}

function Verified({ of }: { of: Verification }) {
  return (
    <span className="row">
      <Mark of={of.ok ? "ok" : "critical"} word={of.ok ? "Whole" : "Broken"} />
      {of.ok ? `${plural(of.records, "record")}, none changed.` : `Record ${of.broken}: ${of.fault}`}
    </span>
  );
}
