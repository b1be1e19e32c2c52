/** What the model is compared with: every baseline it had, proposed, approved and put to use by admins. */

import { useState } from "react";

import { part, post } from "../../api/client";
import { useBaselines } from "../../api/queries";
import type { Baseline } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Field, Input } from "../../kit/Form";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { useSession } from "../../session/Session";
import { figure } from "../../words/format";

type Deed = { what: "propose" } | { what: "approve" | "activate"; baseline: Baseline };

export function Baselines({ model }: { model: string | null }) {
  const baselines = useBaselines(model);
  const { may } = useSession();
  const [deed, setDeed] = useState<Deed | null>(null);
  const active = baselines.data?.items.find((each) => each.status === "active");
  const columns: readonly TableColumn<Baseline>[] = [
    { id: "id", title: "Baseline", value: (each) => each.id, cell: (each) => <strong title={each.id}>{shortId(each.id)}</strong> },
    { id: "status", title: "State", value: (each) => each.status, cell: (each) => (each.status === "active" ? <strong>active</strong> : each.status) },
    { id: "of", title: "Of", value: (each) => of(each) },
    { id: "rows", title: "Rows", number: true, value: (each) => each.rows, cell: (each) => figure(each.rows) },
    { id: "by", title: "Made by", value: (each) => each.created_by, wide: true },
    { id: "made", title: "Made", value: (each) => each.created_at, cell: (each) => <Time at={each.created_at} />, wide: true },
    { id: "approved", title: "Approved by", value: (each) => each.approved_by, wide: true },
    ...(may("admin") ? [{ id: "deeds", title: "", sorts: false, value: () => "", cell: (each: Baseline) => <Deeds of={each} onAct={setDeed} /> }] : []),
  ];
  return (
    <Panel
      title="Baselines"
      says={active ? `Compared with ${of(active)}: ${figure(active.rows)} rows.` : "Nothing is compared yet: no baseline is active."}
      flush
      actions={
        <>
          {may("admin") && (
            <button type="button" className="button small" onClick={() => setDeed({ what: "propose" })}>
              Propose one
            </button>
          )}
          <CsvButton title={`baselines of ${model}`} columns={columns} rows={baselines.data?.items ?? []} />
        </>
      }
    >
      <Loaded query={baselines}>
        {(data) => (data.items.length ? <Table label="Baselines" columns={columns} rows={[...data.items].reverse()} keyOf={(each) => each.id} /> : <Empty title="No baseline yet">The first is made with the first analysed day.</Empty>)}
      </Loaded>
      {deed && <Act deed={deed} model={model ?? ""} onClose={() => setDeed(null)} />}
    </Panel>
  );
}

/** Enough of it to tell it from the others; the whole is in the CSV and on hover. */
function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 12)}…` : id;
}

function of(each: Baseline): string {
  const { from, to, path } = each.reference as { from?: string; to?: string; path?: string };
  return from && to ? `${from} to ${to}` : (path ?? "a file");
}

function Deeds({ of: each, onAct }: { of: Baseline; onAct: (deed: Deed) => void }) {
  return (
    <span className="row" style={{ justifyContent: "flex-end" }}>
      {each.status === "proposed" && !each.approved_by && (
        <button type="button" className="button small" onClick={() => onAct({ what: "approve", baseline: each })}>
          Approve
        </button>
      )}
      {(each.status === "archived" || (each.status === "proposed" && each.approved_by)) && (
        <button type="button" className="button small" onClick={() => onAct({ what: "activate", baseline: each })}>
          Put to use
        </button>
      )}
    </span>
  );
}

function Act({ deed, model, onClose }: { deed: Deed; model: string; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const shared = { onClose, touches: ["baselines", "model", "audit"], disabled: !reason.trim() };
  const why = (
    <Field label="Why" hint="for the audit log">
      <Input required value={reason} onChange={(event) => setReason(event.target.value)} />
    </Field>
  );
  if (deed.what === "propose") {
    return (
      <ActionDialog {...shared} title="Propose a baseline" says="Of the model's own days. It changes nothing until it is approved and put to use." verb="Propose" act={() => post("/monitoring/baselines", { model, from, to, reason })} done="The baseline is proposed">
        <div className="row wrap">
          <Field label="From">
            <Input type="date" required value={from} onChange={(event) => setFrom(event.target.value)} />
          </Field>
          <Field label="To">
            <Input type="date" required value={to} onChange={(event) => setTo(event.target.value)} />
          </Field>
        </div>
        {why}
      </ActionDialog>
    );
  }
  const path = `/monitoring/baselines/${part(model)}/${part(deed.baseline.id)}/${deed.what}`;
  const use = deed.what === "activate";
  return (
    <ActionDialog
      {...shared}
      title={`${use ? "Put to use" : "Approve"}: ${deed.baseline.id}`}
      says={use ? "From now on the model is compared with it; the one before is archived." : "You stand for it with your name."}
      verb={use ? "Put to use" : "Approve"}
      act={() => post(path, { reason })}
      done={use ? "The baseline is in use" : "The baseline is approved"}
    >
      {why}
    </ActionDialog>
  );
}
