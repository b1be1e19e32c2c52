/** A value on a half circle from 0 to its greatest, with the limits as ticks. Hollow where it cannot be told. */

import type { Look } from "../words/verdicts";

interface Props {
  value: number | null;
  max: number;
  text: string;
  label: string;
  look: Look;
  limits?: readonly number[];
  width?: number;
}

const RADIUS = 80;

export function Gauge({ value, max, text, label, look, limits = [], width = 220 }: Props) {
  const share = value === null ? 0 : Math.min(1, Math.max(0, value / max));
  return (
    <svg viewBox="0 0 200 118" width={width} style={{ maxWidth: "100%" }} role="img" aria-label={label}>
      <path d={arc(0, 1)} fill="none" stroke="var(--line)" strokeWidth="14" strokeLinecap="round" strokeDasharray={value === null ? "3 6" : undefined} />
      {share > 0 && <path d={arc(0, share)} fill="none" stroke={`var(--${look})`} strokeWidth="14" strokeLinecap="round" />}
      {limits.map((limit) => {
        const [x1, y1] = at(limit / max, RADIUS - 12);
        const [x2, y2] = at(limit / max, RADIUS + 12);
        return <line key={limit} x1={x1} y1={y1} x2={x2} y2={y2} stroke="var(--ink)" strokeWidth="1.5" />;
      })}
      <text x="100" y="94" textAnchor="middle" fontSize="30" fontWeight="640" fill="var(--ink)">
        {text}
      </text>
      <text x="20" y="114" textAnchor="middle" fontSize="11" fill="var(--ink-soft)">
        0
      </text>
      <text x="180" y="114" textAnchor="middle" fontSize="11" fill="var(--ink-soft)">
        {max}
      </text>
    </svg>
  );
}

function at(share: number, radius: number): [number, number] {
  const angle = Math.PI * (1 - share);
  return [100 + radius * Math.cos(angle), 98 - radius * Math.sin(angle)];
}

function arc(from: number, to: number): string {
  const [x1, y1] = at(from, RADIUS);
  const [x2, y2] = at(to, RADIUS);
  return `M${x1} ${y1}A${RADIUS} ${RADIUS} 0 0 1 ${x2} ${y2}`;
}
