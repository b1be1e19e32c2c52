/** What was changed in the configuration, by whom and why; each change with its difference, and a way back. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { get } from "../../api/client";
import { useChanges } from "../../api/queries";
import type { Changed } from "../../api/types";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { Dialog } from "../../kit/Dialog";
import { useSession } from "../../session/Session";
import { isUndoable, UndoDialog } from "../Undo";

const COLUMNS: readonly TableColumn<Changed>[] = [
  { id: "id", title: "No.", number: true, value: (each) => each.id },
  { id: "at", title: "When", value: (each) => each.at, cell: (each) => <Time at={each.at} /> },
  { id: "by", title: "Who", value: (each) => each.by },
  { id: "file", title: "File", value: (each) => each.file, cell: (each) => <code>{each.file}</code> },
  { id: "section", title: "Part", value: (each) => each.section, wide: true },
  { id: "reason", title: "Why", value: (each) => each.reason, wrap: true },
  { id: "state", title: "", value: (each) => each.undone_by, cell: (each) => (each.undone_by ? <span className="chip">undone by {each.undone_by}</span> : each.undoes ? <span className="chip">undoes {each.undoes}</span> : null), sorts: false },
];

export function Changes() {
  const changes = useChanges();
  const [shown, setShown] = useState<Changed | null>(null);
  return (
    <Panel title="Changes of the configuration" says="Made in the dashboard, written back to YAML." flush actions={<CsvButton title="changes" columns={COLUMNS} rows={changes.data?.items ?? []} />}>
      <Loaded query={changes}>
        {(data) => (data.items.length ? <Table label="Changes" columns={COLUMNS} rows={data.items} keyOf={(each) => String(each.id)} onOpen={setShown} /> : <Empty title="Nothing was changed here yet">Limits, routes, silences and models can be edited on their pages.</Empty>)}
      </Loaded>
      {shown && <Change of={shown} onClose={() => setShown(null)} />}
    </Panel>
  );
}

function Change({ of, onClose }: { of: Changed; onClose: () => void }) {
  const { may } = useSession();
  const [undoing, setUndoing] = useState(false);
  const change = useQuery({ queryKey: ["change", of.id], queryFn: () => get<Changed & { diff: string }>(`/declarations/changes/${of.id}`) });
  if (undoing) return <UndoDialog of={of} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={`Change ${of.id} of ${of.file}`} says={`${of.by}: ${of.reason}`} width={860}>
      <Loaded query={change}>{(data) => <pre className="text">{data.diff}</pre>}</Loaded>
      {may("admin") && isUndoable(of) && (
        <div className="row" style={{ justifyContent: "flex-end", marginTop: 12 }}>
          <button type="button" className="button" onClick={() => setUndoing(true)}>
            Undo
          </button>
        </div>
      )}
    </Dialog>
  );
}
