/** The rules of all notices to change: repetition, patience, quiet hours, the digest's hour, pages that help. */

import { useState } from "react";

import type { Tagged } from "../../api/client";
import { useSection } from "../../api/queries";
import type { Section } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Dialog } from "../../kit/Dialog";
import { Field, Input } from "../../kit/Form";
import { Loaded } from "../../kit/States";
import { nameOf } from "../../words/format";
import { DEFAULTS, type Rules, rulesDraft, rulesOf } from "./hours";
import { FAMILIES } from "./matchers";
import { TOUCHED, writeSection } from "./section";
import { Times } from "./Times";
import { Timezone } from "./Timezone";
import { Why } from "./Why";

export function RulesForm({ onClose }: { onClose: () => void }) {
  const rules = useSection("notices");
  const calendars = useSection("calendars");
  if (rules.data && calendars.data) return <Edit section={rules.data} hours={Object.keys(calendars.data.value.value)} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title="What holds for all notices">
      <Loaded query={rules}>{() => <Loaded query={calendars}>{() => null}</Loaded>}</Loaded>
    </Dialog>
  );
}

function Edit({ section, hours, onClose }: { section: Tagged<Section>; hours: readonly string[]; onClose: () => void }) {
  const [draft, setDraft] = useState(() => rulesDraft(section.value.value as Rules));
  const [reason, setReason] = useState("");
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  return (
    <ActionDialog
      title="What holds for all notices"
      says={`An empty field holds as its placeholder says. Written to ${section.value.file}, recorded with your name, undone on this page.`}
      verb="Write"
      width={760}
      act={() => writeSection("notices", section, rulesOf(draft), reason)}
      done="The rules are changed"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <div className="grid" style={{ "--least": "200px" } as React.CSSProperties}>
        <Field label="The same cause again after" hint="such as 6h; at once where it gets worse">
          <Input value={draft.repeat_after} placeholder={DEFAULTS.repeat_after} onChange={(event) => change({ repeat_after: event.target.value })} />
        </Field>
        <Field label="Days until a warning of drift" hint="on which it is found, 1 to 30">
          <Input type="number" min={1} max={30} step={1} value={draft.warn_after} placeholder={String(DEFAULTS.warn_after)} onChange={(event) => change({ warn_after: event.target.value })} />
        </Field>
        <Times label="Quiet hours" open="None" hours={hours} value={draft.quiet} onChange={(quiet) => change({ quiet })} />
        <Field label="Digests go out at" hint="hours and minutes">
          <Input value={draft.digest_at} placeholder={DEFAULTS.digest_at} onChange={(event) => change({ digest_at: event.target.value })} />
        </Field>
        <Timezone value={draft.timezone} onChange={(timezone) => change({ timezone })} hint="which that is in" />
        <Field label="Address of this dashboard" hint="for the buttons of messages">
          <Input type="url" value={draft.dashboard_url} placeholder="none" onChange={(event) => change({ dashboard_url: event.target.value })} />
        </Field>
      </div>
      <fieldset className="field checks">
        <legend>Pages that say what to do</legend>
        <div className="grid" style={{ "--least": "200px" } as React.CSSProperties}>
          {FAMILIES.map((family) => (
            <Field key={family} label={nameOf(family)}>
              <Input type="url" value={draft.runbooks[family] ?? ""} placeholder="none" onChange={(event) => change({ runbooks: { ...draft.runbooks, [family]: event.target.value } })} />
            </Field>
          ))}
        </div>
      </fieldset>
      <Why value={reason} onChange={setReason} />
    </ActionDialog>
  );
}
