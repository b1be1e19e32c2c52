/** Whether aimon itself works: when each sensor and step was last heard of, and what is wrong with the configuration. */

import { useStatus } from "../../api/queries";
import type { Status } from "../../api/types";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { ago, dayOf, plural } from "../../words/format";

type Beat = Status["models"][number];

const COLUMNS: readonly TableColumn<Beat>[] = [
  { id: "subject", title: "Who", value: (each) => each.subject, cell: (each) => <strong>{each.subject}</strong> },
  { id: "step", title: "Step", value: (each) => each.step },
  { id: "at", title: "Last heard of", value: (each) => each.beat_at, cell: (each) => <Time at={each.beat_at} relative /> },
  { id: "day", title: "Day", value: (each) => each.day, cell: (each) => dayOf(each.day) },
];

export function PlatformStatus() {
  const status = useStatus();
  return (
    <Loaded query={status} lines={6}>
      {(data) => {
        const beats = [...data.sensors, ...data.models];
        const last = beats.map((each) => each.beat_at).sort().at(-1); // prettier-ignore
        return (
          <>
            {data.mistakes.length > 0 && (
              <Panel title="Mistakes in the configuration" says="Each hides its own model only.">
                <ul className="stack tight">
                  {data.mistakes.map((each) => (
                    <li key={each} className="row">
                      <Mark of="warning" word="" bare /> {each}
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
            <Panel
              title="Steps and sensors"
              says={last ? `${plural(beats.length, "step")} and sensors; the last was heard of ${ago(last)}.` : "Nothing ran yet."}
              flush
              actions={<CsvButton title="status" columns={COLUMNS} rows={beats} />}
            >
              {beats.length ? <Table label="Steps and sensors" columns={COLUMNS} rows={beats} keyOf={(each) => `${each.subject} ${each.step}`} /> : <Empty title="Nothing ran yet" />}
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}
