/** A new model that reports its predictions by HTTP: its file, checked before it is written. */

import { useState } from "react";

import { post } from "../../api/client";
import { ActionDialog } from "../../kit/Action";
import { Area, Field, Input } from "../../kit/Form";

const DRAFT = `model: my-model
task: binary
owner: my-team
source: {kind: collector}
columns:
  id: request_id
  timestamp: created_at
  prediction: decision
  score: probability
`;

export function Declare({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState(DRAFT);
  const [reason, setReason] = useState("");
  return (
    <ActionDialog
      title="Declare a model"
      says="It reports its predictions by HTTP. Other sources are declared in a file on the machine. Recorded with your name; a model is not deleted again, but retired."
      verb="Declare"
      width={760}
      act={() => post("/models", { text, reason })}
      done="The model is declared"
      touches={["overview", "changes", "audit"]}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Area className="code" aria-label="The model's file" spellCheck={false} rows={14} value={text} onChange={(event) => setText(event.target.value)} />
      <Field label="Why" hint="for the audit log">
        <Input required value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}
