/** A silence to begin or to change: what it holds back, from when until when, and why. */

import { useState } from "react";

import { post, remove } from "../../api/client";
import type { Silence } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Field, Input } from "../../kit/Form";
import { ago } from "../../words/format";
import { conditions, draftOf, whenOf } from "./matchers";
import { Meant } from "./Meant";
import { TOUCHED } from "./section";

const HOUR = 3_600_000;

interface Props {
  before?: Silence;
  /** Writes it where it stands, in aimon.yaml, for this reason; without, the service keeps it. */
  write?: (silence: Asked, why: string) => Promise<unknown>;
  onClose: () => void;
}

/** What was filled in. */
export interface Asked {
  when: Record<string, string | string[]>;
  from?: string;
  until: string;
  reason: string;
}

/** One that the service keeps ends when it is changed, and another begins: the history keeps both. */
export function SilenceForm({ before, write, onClose }: Props) {
  const [meant, setMeant] = useState(() => draftOf(before?.when));
  const [from, setFrom] = useState(() => (before?.starts_at && new Date(before.starts_at) > new Date() ? typed(new Date(before.starts_at)) : ""));
  const [until, setUntil] = useState(() => typed(before ? new Date(before.ends_at) : new Date(Date.now() + 4 * HOUR)));
  const [reason, setReason] = useState(before?.reason ?? "");
  const [why, setWhy] = useState("");
  const when = whenOf(meant);
  const named = Object.keys(when).length > 0;
  const ends = until ? new Date(until) : null;
  const act = async () => {
    const asked: Asked = { when, ...(from ? { from: instant(from) } : {}), until: instant(until), reason };
    if (write) return write(asked, why);
    const { from: starts, ...rest } = asked;
    const made = await post<Silence>("/silences", { ...rest, ...(starts ? { starts } : {}) });
    if (before) await remove(`/silences/${before.id}`);
    return made;
  };
  return (
    <ActionDialog
      title={before ? "Change this silence" : "Silence something"}
      says={named ? `Notices that are ${conditions(when)} are held back${ends ? `; it ends ${ago(ends)}` : ""}.` : "Say at least which model, owner, severity, family or segment is meant."}
      verb={before ? "Change" : "Silence"}
      width={760}
      act={act}
      done={before ? "The silence is changed" : "It is silenced"}
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim() || !named || !until || (write !== undefined && !why.trim())}
    >
      <Meant draft={meant} onChange={setMeant} />
      <div className="grid" style={{ "--least": "220px" } as React.CSSProperties}>
        <Field label="From" hint="your time; empty: now">
          <Input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Field>
        <Field label="Until" hint="your time">
          <Input type="datetime-local" required value={until} onChange={(event) => setUntil(event.target.value)} />
        </Field>
      </div>
      <Field label="Why" hint="everybody reads it beside the silence">
        <Input required value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
      {write && (
        <Field label="Why it is changed" hint="for the audit log">
          <Input required value={why} onChange={(event) => setWhy(event.target.value)} />
        </Field>
      )}
    </ActionDialog>
  );
}

/** What the browser's field has, as the API and the file have it: to the second, UTC. */
function instant(text: string): string {
  return new Date(text).toISOString().replace(".000Z", "Z");
}

/** An instant as the browser's field has it: in the viewer's own zone, to the minute. */
function typed(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
