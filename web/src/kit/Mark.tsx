/** A verdict, state or severity: shape, colour and word together. */

import { meaning, type Look } from "../words/verdicts";
import { Tip } from "./Tip";

const SHAPES: Record<Look, React.ReactNode> = {
  critical: <path d="M6 0.8 11.6 10.8 H0.4Z" fill="currentColor" />,
  warning: <path d="M6 0.6 11.4 6 6 11.4 0.6 6Z" fill="currentColor" />,
  watch: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="2" />,
  ok: <path d="M1.5 6.4 4.6 9.4 10.5 2.8" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round" />,
  unknown: <circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.3 2.3" />,
};

export function Shape({ look }: { look: Look }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className={`ink-${look}`}>
      {SHAPES[look]}
    </svg>
  );
}

export function Mark({ of, word, bare = false }: { of: string; word?: string; bare?: boolean }) {
  const { word: own, look } = meaning(of);
  return (
    <span className={`mark ${look}${bare ? " bare" : ""}`}>
      <Shape look={look} />
      {word ?? own}
    </span>
  );
}

/** A verdict with its reason on hover and focus; a provisional one says so beside it. */
export function VerdictMark({ verdict, reason, maturity }: { verdict: string; reason?: string | null; maturity?: string | null }) {
  const why = [reason ?? meaning(verdict).means];
  if (maturity === "provisional") why.push("Labels are still arriving; the number may change.");
  return (
    <span className="row wrap">
      <Tip says={why.join(" ")}>
        <Mark of={verdict} />
      </Tip>
      {maturity === "provisional" && <span className="chip">provisional</span>}
    </span>
  );
}
