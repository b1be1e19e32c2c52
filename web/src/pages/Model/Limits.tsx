/** The limits that hold for the model, its own and the defaults; an admin changes them, and the file says so at once. */

import { useState } from "react";

import { part, put } from "../../api/client";
import { useThresholds } from "../../api/queries";
import type { Limit, Thresholds } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Field, Input } from "../../kit/Form";
import { Panel } from "../../kit/Panel";
import { Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { useSession } from "../../session/Session";
import { figure, nameOf, plural } from "../../words/format";
import { LastChange } from "../Undo";

export function Limits({ model }: { model: string | null }) {
  const limits = useThresholds(model);
  const { may } = useSession();
  const [edited, setEdited] = useState<Limit | null>(null);
  const rows = limits.data?.value.effective ?? [];
  const own = rows.filter((each) => each.declared).length;
  const columns: readonly TableColumn<Limit>[] = [
    { id: "metric", title: "Metric", value: (each) => nameOf(each.metric), cell: (each) => <strong>{nameOf(each.metric)}</strong> },
    { id: "family", title: "Family", value: (each) => each.family, wide: true },
    { id: "bounds", title: "Bounds", value: (each) => each.bounds, wide: true },
    { id: "warning", title: "Warning", number: true, value: (each) => each.warning, cell: (each) => figure(each.warning) },
    { id: "critical", title: "Critical", number: true, value: (each) => each.critical, cell: (each) => figure(each.critical) },
    { id: "own", title: "From", value: (each) => (each.declared ? "this model" : "default"), cell: (each) => (each.declared ? <span className="chip">this model</span> : <span className="soft">default</span>) },
    ...(may("admin")
      ? [
          {
            id: "edit",
            title: "",
            sorts: false,
            value: () => "",
            cell: (each: Limit) => (
              <button type="button" className="button quiet small" aria-label={`Change the limits of ${nameOf(each.metric)}`} onClick={() => setEdited(each)}>
                Change
              </button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      title="Limits"
      says={limits.data && `${own ? `${plural(own, "metric")} ${own === 1 ? "has limits" : "have limits"} of this model's own; the others have` : "All have"} the defaults. Exceptions by column or segment are in the file.`}
      flush
      actions={<CsvButton title={`limits of ${model}`} columns={columns} rows={rows} />}
    >
      <Loaded query={limits}>
        {({ value, tag }) => (
          <>
            <Table label="Limits" columns={columns} rows={value.effective} keyOf={(each) => each.metric} height={620} />
            <LastChange section="thresholds" file={value.file} />
            {edited && <Edit model={model ?? ""} of={edited} all={value} tag={tag ?? `"${value.sha256}"`} onClose={() => setEdited(null)} />}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Edit({ model, of, all, tag, onClose }: { model: string; of: Limit; all: Thresholds; tag: string; onClose: () => void }) {
  const [warning, setWarning] = useState(of.warning === null ? "" : String(of.warning));
  const [critical, setCritical] = useState(of.critical === null ? "" : String(of.critical));
  const [reason, setReason] = useState("");
  const wanted = { ...all.declared };
  const own: Record<string, unknown> = { ...(wanted[of.metric] as object | undefined), warning: number(warning), critical: number(critical) };
  const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  if (Object.keys(kept).length) wanted[of.metric] = kept;
  else delete wanted[of.metric];
  return (
    <ActionDialog
      title={`Limits of ${nameOf(of.metric)}`}
      says={`Written to ${all.file}, recorded with your name, undone on this page. Empty both for the defaults.`}
      verb="Write"
      act={() => put(`/models/${part(model)}/thresholds`, { thresholds: wanted, reason }, tag)}
      done={`The limits of ${nameOf(of.metric)} are changed`}
      touches={["thresholds", "changes", "file", "audit"]}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <div className="row wrap">
        <Field label="Warning">
          <Input type="number" step="any" value={warning} onChange={(event) => setWarning(event.target.value)} />
        </Field>
        <Field label="Critical">
          <Input type="number" step="any" value={critical} onChange={(event) => setCritical(event.target.value)} />
        </Field>
      </div>
      <Field label="Why" hint="for the audit log">
        <Input required value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}

function number(text: string): number | undefined {
  return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}
