/** What a record is of; on a narrow screen also what has no column of its own there: window, group, segment. */

import { label } from "../words/format";

export function Of({ column, inside }: { column: unknown; inside: readonly unknown[] }) {
  const told = inside.filter((each) => each !== null && each !== undefined).map(label);
  return (
    <>
      {label(column)}
      {told.length > 0 && <span className="soft small narrow-only">{told.join(", ")}</span>}
    </>
  );
}
