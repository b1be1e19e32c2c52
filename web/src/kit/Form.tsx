/** Fields with labels, a row of choices, and what every form that changes something shares. */

import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";

export function Field({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <label className="field">
      <span>{label}</span>
      {children}
      {hint && <small className="hint">{hint}</small>}
    </label>
  );
}

export function Input(props: InputHTMLAttributes<HTMLInputElement>) {
  return <input {...props} className={`input ${props.className ?? ""}`} />;
}

export function Area(props: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea {...props} className={`input ${props.className ?? ""}`} />;
}

interface Choice {
  value: string;
  label: string;
}

export function Select({ choices, ...rest }: { choices: readonly Choice[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select {...rest} className="select">
      {choices.map((each) => (
        <option key={each.value} value={each.value}>
          {each.label}
        </option>
      ))}
    </select>
  );
}

export function Check({ label, value, onChange }: { label: string; value: boolean; onChange: (value: boolean) => void }) {
  return (
    <label className="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

interface ChecksProps {
  label: string;
  hint?: ReactNode;
  choices: readonly string[];
  value: readonly string[];
  onChange: (value: readonly string[]) => void;
}

/** Any of some; what is chosen stays in the order of the choices. */
export function Checks({ label, hint, choices, value, onChange }: ChecksProps) {
  const toggle = (name: string, on: boolean) => onChange(choices.filter((each) => (each === name ? on : value.includes(each))));
  return (
    <fieldset className="field checks">
      <legend>{label}</legend>
      <div className="row wrap">
        {choices.map((each) => (
          <Check key={each} label={each} value={value.includes(each)} onChange={(on) => toggle(each, on)} />
        ))}
      </div>
      {hint && <small className="hint">{hint}</small>}
    </fieldset>
  );
}

interface SegmentedProps {
  label: string;
  choices: readonly Choice[];
  value: string;
  onChange: (value: string) => void;
}

export function Segmented({ label, choices, value, onChange }: SegmentedProps) {
  return (
    <div className="segmented" role="group" aria-label={label}>
      {choices.map((each) => (
        <button key={each.value} type="button" aria-pressed={each.value === value} onClick={() => onChange(each.value)}>
          {each.label}
        </button>
      ))}
    </div>
  );
}
