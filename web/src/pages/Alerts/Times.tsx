/** A choice of hours by the names of calendars: at any time, during, or outside of them. */

import { Field, Select } from "../../kit/Form";

interface Props {
  label: string;
  open: string;
  hours: readonly string[];
  value: string;
  onChange: (value: string) => void;
}

/** `open` is what it is called where no hours are chosen. */
export function Times({ label, open, hours, value, onChange }: Props) {
  const known = hours.flatMap((name) => [{ value: name, label: `During ${name}` }, { value: `not ${name}`, label: `Outside of ${name}` }]);
  const own = value && !known.some((each) => each.value === value) ? [{ value, label: value }] : [];
  return (
    <Field label={label} hint={hours.length ? undefined : "calendars, under Rules, name hours"}>
      <Select value={value} choices={[{ value: "", label: open }, ...known, ...own]} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
