/** The way back: undoing a change of the configuration, and the newest change of a part with that way beside it. */

import { useState } from "react";

import { post } from "../api/client";
import { useChanges } from "../api/queries";
import type { Changed } from "../api/types";
import { ActionDialog } from "../kit/Action";
import { Field, Input } from "../kit/Form";
import { Time } from "../kit/Time";
import { useSession } from "../session/Session";

const TOUCHED = ["changes", "thresholds", "section", "file", "routes", "silences", "explained", "model", "overview", "audit"];

/** Whether it may be undone: not what was undone, and not a new model, for what was found about a model is not thrown away. */
export function isUndoable(each: Changed): boolean {
  return !each.undone_by && (each.section !== null || each.before_sha256 !== null);
}

export function UndoDialog({ of, onClose }: { of: Changed; onClose: () => void }) {
  const [reason, setReason] = useState("");
  return (
    <ActionDialog
      title={`Undo change ${of.id}`}
      says={`“${of.reason}”, by ${of.by}. The file becomes what it was before; refused where it changed since.`}
      verb="Undo"
      act={() => post(`/declarations/changes/${of.id}/undo`, { reason })}
      done="The change is undone"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Field label="Why">
        <Input required autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}

/** For whoever may undo it. `section` is a part of the settings or of the model's file; null: the file as a whole. */
export function LastChange(of: { section: string | null; file?: string }) {
  const { may } = useSession();
  return may("admin") ? <Newest {...of} /> : null;
}

function Newest({ section, file }: { section: string | null; file?: string }) {
  const changes = useChanges();
  const [undoing, setUndoing] = useState(false);
  const last = changes.data?.items.find((each) => each.section === section && (!file || each.file === file) && isUndoable(each) && !each.undoes);
  if (!last) return null;
  return (
    <div className="row wrap small last-change">
      <span className="soft">
        Changed here <Time at={last.at} relative /> by {last.by}: {last.reason}
      </span>
      <button type="button" className="button small" aria-label={`Undo “${last.reason}”`} onClick={() => setUndoing(true)}>
        Undo
      </button>
      {undoing && <UndoDialog of={last} onClose={() => setUndoing(false)} />}
    </div>
  );
}
