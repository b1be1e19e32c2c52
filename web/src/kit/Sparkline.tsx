/** A line of thirty days as a small picture: gaps stay gaps, the last day is a dot on its interval, a limit is a hairline. */

interface Props {
  values: readonly (number | null)[];
  label: string;
  look?: string;
  limit?: number | null;
  /** The interval of the last day. */
  low?: number | null;
  high?: number | null;
  width?: number;
  height?: number;
}

export function Sparkline({ values, label, look = "unknown", limit, low: least, high: most, width = 96, height = 24 }: Props) {
  const known = values.filter((each): each is number => each !== null);
  if (known.length === 0) return <span className="soft small">no history</span>;
  const all = limit === null || limit === undefined || limit > 3 * Math.max(...known.map(Math.abs)) ? known : [...known, limit];
  const bounded = typeof least === "number" && typeof most === "number";
  const drawn = bounded ? [...all, least, most] : all;
  const [low, high] = [Math.min(...drawn), Math.max(...drawn)];
  const span = high - low || 1;
  const x = (index: number) => 2 + (index * (width - 6)) / Math.max(1, values.length - 1);
  const y = (value: number) => height - 3 - ((value - low) / span) * (height - 6);
  const last = values.reduce<number>((found, each, index) => (each === null ? found : index), -1);
  const lastValue = values[last];
  return (
    <svg className="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {limit !== null && limit !== undefined && all.length > known.length && (
        <line x1="0" x2={width} y1={y(limit)} y2={y(limit)} stroke="var(--line-strong)" strokeWidth="1" strokeDasharray="2 3" />
      )}
      {bounded && last >= 0 && <line x1={x(last)} x2={x(last)} y1={y(least)} y2={y(most)} stroke={`var(--${look})`} strokeWidth="1.6" strokeOpacity="0.6" />}
      <path d={path(values, x, y)} fill="none" stroke="var(--ink-soft)" strokeWidth="1.4" strokeLinejoin="round" strokeLinecap="round" />
      {typeof lastValue === "number" && <circle cx={x(last)} cy={y(lastValue)} r="2.6" fill={`var(--${look})`} />}
    </svg>
  );
}

/** The path of a line with gaps; a day alone between gaps is a short stroke. */
export function path(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let told = "";
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    told += `${drawing ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    if (!drawing) told += "h0.01";
    drawing = true;
  });
  return told;
}
