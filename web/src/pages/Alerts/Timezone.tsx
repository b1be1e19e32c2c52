/** A field for a time zone by its name; the browser offers the names it knows, the service refuses what it does not. */

import { Field, Input } from "../../kit/Form";

const KNOWN = typeof Intl.supportedValuesOf === "function" ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : ["UTC"];

export function Timezone({ value, onChange, hint }: { value: string; onChange: (value: string) => void; hint?: string }) {
  return (
    <>
      <Field label="Time zone" hint={hint}>
        <Input list="zones-known" placeholder="UTC" value={value} onChange={(event) => onChange(event.target.value)} />
      </Field>
      <datalist id="zones-known">
        {KNOWN.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}
