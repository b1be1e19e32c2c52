/** The fields by which one says which notices are meant. What is left open means all. */

import { useFleet } from "../../api/queries";
import { Checks, Field, Input } from "../../kit/Form";
import { type Draft, FAMILIES, SEVERITIES } from "./matchers";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

export function Meant({ draft, onChange }: Props) {
  const fleet = useFleet();
  const lines = fleet.data?.items ?? [];
  const owners = [...new Set(lines.flatMap((each) => (each.owner ? [each.owner] : [])))].sort();
  const change = (part: Partial<Draft>) => onChange({ ...draft, ...part });
  return (
    <>
      <Checks label="Severity" choices={SEVERITIES} value={draft.severity} onChange={(severity) => change({ severity })} hint="none: every severity" />
      <Checks label="About" choices={FAMILIES} value={draft.family} onChange={(family) => change({ family })} hint="none: everything" />
      <div className="grid" style={{ "--least": "200px" } as React.CSSProperties}>
        <Field label="Models" hint="commas between; * for any letters">
          <Input list="models-known" placeholder="every model" value={draft.model} onChange={(event) => change({ model: event.target.value })} />
        </Field>
        <Field label="Owners" hint="commas between">
          <Input list="owners-known" placeholder="every owner" value={draft.owner} onChange={(event) => change({ owner: event.target.value })} />
        </Field>
        <Field label="Segments" hint="such as channel=web">
          <Input placeholder="every segment" value={draft.segment} onChange={(event) => change({ segment: event.target.value })} />
        </Field>
      </div>
      <datalist id="models-known">
        {lines.map((each) => (
          <option key={each.model} value={each.model} />
        ))}
      </datalist>
      <datalist id="owners-known">
        {owners.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}
