/** Every message and what became of it; one that was given up can be sent again. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";

import { part, post } from "../../api/client";
import { useNotices } from "../../api/queries";
import type { Notice } from "../../api/types";
import { useUrl } from "../../filters/url";
import { Field, Select } from "../../kit/Form";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Fault, Loading } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { Tip } from "../../kit/Tip";
import { useSay } from "../../kit/Toasts";
import { useSession } from "../../session/Session";
import { nameOf } from "../../words/format";

const STATES = ["pending", "sending", "delivered", "failed", "dead", "suppressed"];

export function Notices() {
  const [url, change] = useUrl();
  const { may } = useSession();
  const notices = useNotices({ status: url.get("status") });
  const rows = notices.data?.pages.flatMap((page) => page.items) ?? [];
  const columns: readonly TableColumn<Notice>[] = [
    { id: "at", title: "When", value: (each) => each.created_at, cell: (each) => <Time at={each.created_at} />, wide: true },
    { id: "severity", title: "Severity", value: (each) => each.severity, cell: (each) => <Mark of={each.severity} /> },
    { id: "subject", title: "What", value: (each) => each.subject, wrap: true, cell: (each) => <Link href={`/incidents/${each.incident_id}?status=all`}>{each.subject.replace(/^\[[a-z]+\] /, "")}</Link> },
    { id: "status", title: "State", value: (each) => each.status, cell: (each) => <State of={each} /> },
    { id: "channel", title: "Channel", value: (each) => each.channel },
    { id: "attempts", title: "Attempts", number: true, value: (each) => each.attempts, wide: true },
    { id: "delivered", title: "Delivered", value: (each) => each.delivered_at, cell: (each) => <Time at={each.delivered_at} /> },
    ...(may("admin") ? [{ id: "retry", title: "", sorts: false, value: () => "", cell: (each: Notice) => (each.status === ("failed" as string) || each.status === ("dead" as string) ? <Retry of={each} /> : null) }] : []),
  ];
  const states = [...new Set([...rows.map((each) => each.status as string), ...(url.get("status") ? [url.get("status") as string] : [])])];
  return (
    <Panel title="Notices" says="The newest first." flush actions={<CsvButton title="notices" columns={columns} rows={rows} />}>
      <div className="filters inside">
        <Field label="State">
          <Select value={url.get("status") ?? ""} onChange={(event) => change({ status: event.target.value })} choices={[{ value: "", label: "All" }, ...STATES.filter((each) => states.includes(each)).map((value) => ({ value, label: nameOf(value) }))]} />
        </Field>
      </div>
      {notices.error ? <Fault error={notices.error} onRetry={() => void notices.refetch()} /> : !notices.data ? <Loading /> : rows.length ? <Table label="Notices" columns={columns} rows={rows} keyOf={(each) => each.id} rowHeight={50} /> : <Empty title="Nobody was told anything yet">An incident of now, and a route that fits it, make a notice.</Empty>}
      {notices.hasNextPage && (
        <div className="body">
          <button type="button" className="button" onClick={() => void notices.fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </Panel>
  );
}

function State({ of }: { of: Notice }) {
  const word = nameOf(of.status);
  const mark = of.status === "delivered" ? "ok" : of.last_error ? "warning" : "unknown";
  if (!of.last_error) return <Mark of={mark} word={word} bare />;
  return (
    <Tip says={of.last_error}>
      <Mark of={mark} word={word} bare />
    </Tip>
  );
}

function Retry({ of }: { of: Notice }) {
  const say = useSay();
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => post(`/notices/${part(of.id)}/retry`),
    onSuccess: () => {
      say("It is tried again");
      return queries.invalidateQueries({ queryKey: ["notices"] });
    },
    onError: (error) => say(error.message),
  });
  return (
    <button type="button" className="button quiet small" disabled={retry.isPending} onClick={() => retry.mutate()}>
      Send again
    </button>
  );
}
