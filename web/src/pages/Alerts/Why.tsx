/** The reason that goes with every change of the configuration. */

import { Field, Input } from "../../kit/Form";

export function Why({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label="Why" hint="for the audit log">
      <Input required value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
