/** The model's file as it is; an admin changes it, checked as `aimon check` does before anything is written. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { part, post, put, type Mistake } from "../../api/client";
import { useModelFile } from "../../api/queries";
import { Area, Field, Input } from "../../kit/Form";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Fault, Loaded } from "../../kit/States";
import { useSay } from "../../kit/Toasts";
import { LastChange } from "../Undo";

export function ModelFile({ model }: { model: string | null }) {
  const file = useModelFile(model);
  return <Loaded query={file}>{({ value, tag }) => <Editor key={tag} model={model ?? ""} file={value.file} text={value.text} tag={tag ?? ""} />}</Loaded>;
}

interface Checked {
  ok: boolean;
  mistakes: Mistake[];
}

function Editor({ model, file, text, tag }: { model: string; file: string; text: string; tag: string }) {
  const [draft, setDraft] = useState(text);
  const [reason, setReason] = useState("");
  const say = useSay();
  const queries = useQueryClient();
  const check = useMutation({ mutationFn: () => post<Checked>("/declarations/check", { model, text: draft }) });
  const write = useMutation({
    mutationFn: () => put(`/models/${part(model)}/file`, { text: draft, reason }, tag),
    onSuccess: async () => {
      say(`${file} is written`);
      await Promise.all(["file", "model", "thresholds", "changes", "overview"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  return (
    <Panel title={file} says="Checked as `aimon check` does, written back to the file, recorded with your name, undone on this page. Name, source and baseline file are changed on the machine only.">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          write.mutate();
        }}
      >
        <Area className="code" aria-label={`Text of ${file}`} spellCheck={false} rows={22} value={draft} onChange={(event) => setDraft(event.target.value)} />
        {check.data && (check.data.ok ? <Mark of="ok" word="Nothing is wrong with it" /> : <Fault error={Object.assign(new Error(`${check.data.mistakes.map((each) => each.message).join(" ")}`))} />)}
        {check.error && <Fault error={check.error} />}
        {write.error && <Fault error={write.error} />}
        <div className="row wrap" style={{ alignItems: "end" }}>
          <Field label="Why">
            <Input required value={reason} style={{ minWidth: 280 }} onChange={(event) => setReason(event.target.value)} />
          </Field>
          <button type="button" className="button" disabled={check.isPending} onClick={() => check.mutate()}>
            Check
          </button>
          <button type="submit" className="button main" disabled={write.isPending || draft === text || !reason.trim()}>
            Write
          </button>
        </div>
      </form>
      <LastChange section={null} file={file} />
    </Panel>
  );
}
