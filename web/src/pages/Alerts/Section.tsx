/** A part of aimon.yaml to change: its value as JSON, validated by the service, written back as YAML. */

import { useState } from "react";

import { put } from "../../api/client";
import { useSection } from "../../api/queries";
import { ActionDialog } from "../../kit/Action";
import { Dialog } from "../../kit/Dialog";
import { Area, Field, Input } from "../../kit/Form";
import { Loaded } from "../../kit/States";

export function SectionDialog({ section, title, onClose }: { section: string; title: string; onClose: () => void }) {
  const query = useSection(section);
  if (query.data) return <Editor section={section} title={title} value={query.data.value.value} file={query.data.value.file} tag={query.data.tag ?? `"${query.data.value.sha256}"`} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={title}>
      <Loaded query={query}>{() => null}</Loaded>
    </Dialog>
  );
}

interface EditorProps {
  section: string;
  title: string;
  value: unknown;
  file: string;
  tag: string;
  onClose: () => void;
}

function Editor({ section, title, value, file, tag, onClose }: EditorProps) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [reason, setReason] = useState("");
  const act = async () => {
    let wanted: unknown;
    try {
      wanted = JSON.parse(text);
    } catch (error) {
      throw new Error(`This is no JSON: ${(error as Error).message}`, { cause: error });
    }
    return put(`/settings/${section}`, { value: wanted, reason }, tag);
  };
  return (
    <ActionDialog
      title={title}
      says={`The part \`${section}\` of ${file}, as JSON. Checked as aimon check does, recorded with your name, undone under Administration.`}
      verb="Write"
      width={760}
      act={act}
      done={`${title} are changed`}
      touches={["section", section, "changes", "explained", "audit"]}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Area className="code" aria-label={`${title} as JSON`} spellCheck={false} rows={18} value={text} onChange={(event) => setText(event.target.value)} />
      <Field label="Why" hint="for the audit log">
        <Input required value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}
