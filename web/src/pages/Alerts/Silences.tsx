/** What is held back, until when, by whom and why; an admin holds back more, or less. */

import { useState } from "react";

import { post, remove } from "../../api/client";
import { useOverview, useSilences } from "../../api/queries";
import type { Silence } from "../../api/types";
import { useUrl } from "../../filters/url";
import { ActionDialog } from "../../kit/Action";
import { Field, Input, Segmented, Select } from "../../kit/Form";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { useSession } from "../../session/Session";
import { SectionDialog } from "./Section";

function conditions(when: Silence["when"]): string {
  return Object.entries(when)
    .map(([key, values]) => `${key} ${values.join(" or ")}`)
    .join(", ");
}

export function Silences() {
  const [url, change] = useUrl();
  const ended = url.get("ended") === "yes";
  const silences = useSilences(ended);
  const { may } = useSession();
  const [editing, setEditing] = useState(false);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Silence | null>(null);
  const columns: readonly TableColumn<Silence>[] = [
    { id: "when", title: "What", value: (each) => conditions(each.when), wrap: true },
    { id: "reason", title: "Why", value: (each) => each.reason, wrap: true },
    { id: "author", title: "Who", value: (each) => each.author, cell: (each) => (each.declared ? <span className="chip">aimon.yaml</span> : each.author) },
    { id: "from", title: "From", value: (each) => each.starts_at, cell: (each) => <Time at={each.starts_at} />, wide: true },
    { id: "until", title: "Until", value: (each) => each.ended_at ?? each.ends_at, cell: (each) => <Time at={each.ended_at ?? each.ends_at} /> },
    ...(may("admin")
      ? [
          {
            id: "end",
            title: "",
            sorts: false,
            value: () => "",
            cell: (each: Silence) =>
              each.id !== null && !each.ended_at && new Date(each.ends_at) > new Date() ? (
                <button type="button" className="button quiet small" onClick={() => setEnding(each)}>
                  End now
                </button>
              ) : null,
          },
        ]
      : []),
  ];
  return (
    <Panel
      title="Silences"
      says="Notices that fit are held back, not dropped; incidents are shown all the same."
      flush
      actions={
        <>
          <Segmented label="Which" choices={[{ value: "now", label: "Now" }, { value: "all", label: "All" }]} value={ended ? "all" : "now"} onChange={(value) => change({ ended: value === "all" ? "yes" : null })} />
          {may("admin") && (
            <>
              <button type="button" className="button small" onClick={() => setEditing(true)}>
                Those of the file
              </button>
              <button type="button" className="button small" onClick={() => setAdding(true)}>
                Silence something
              </button>
            </>
          )}
          <CsvButton title="silences" columns={columns} rows={silences.data?.items ?? []} />
        </>
      }
    >
      <Loaded query={silences}>
        {(data) => (data.items.length ? <Table label="Silences" columns={columns} rows={data.items} keyOf={(each, index) => `${each.id}-${index}`} /> : <Empty title="Nothing is silenced">Whoever should be told is told.</Empty>)}
      </Loaded>
      {editing && <SectionDialog section="silences" title="Silences" onClose={() => setEditing(false)} />}
      {adding && <Add onClose={() => setAdding(false)} />}
      {ending && (
        <ActionDialog title="End this silence" says={conditions(ending.when)} verb="End it" act={() => remove(`/silences/${ending.id}`)} done="The silence is over" touches={["silences", "explained"]} onClose={() => setEnding(null)} />
      )}
    </Panel>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const overview = useOverview();
  const models = overview.data?.items.map((each) => each.model).sort() ?? [];
  const [model, setModel] = useState("");
  const [severity, setSeverity] = useState("");
  const [hours, setHours] = useState("4");
  const [reason, setReason] = useState("");
  const when = Object.fromEntries(Object.entries({ model, severity }).filter(([, value]) => value));
  return (
    <ActionDialog
      title="Silence something"
      verb="Silence"
      act={() => post("/silences", { when, until: new Date(Date.now() + Number(hours) * 3_600_000).toISOString(), reason })}
      done="It is silenced"
      touches={["silences", "explained"]}
      onClose={onClose}
      disabled={!reason.trim() || Object.keys(when).length === 0}
    >
      <Field label="Model">
        <Select value={model} choices={[{ value: "", label: "Every model" }, ...models.map((value) => ({ value, label: value }))]} onChange={(event) => setModel(event.target.value)} />
      </Field>
      <Field label="Severity">
        <Select value={severity} choices={[{ value: "", label: "Every severity" }, { value: "warning", label: "warning" }, { value: "critical", label: "critical" }]} onChange={(event) => setSeverity(event.target.value)} />
      </Field>
      <Field label="For how many hours">
        <Input type="number" min={0.25} max={8760} step="any" required value={hours} onChange={(event) => setHours(event.target.value)} />
      </Field>
      <Field label="Why">
        <Input required value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}
