/** What is held back, until when, by whom and why; an admin holds back more, or less. */

import { useState } from "react";

import { remove } from "../../api/client";
import { useSilences } from "../../api/queries";
import type { Silence } from "../../api/types";
import { useUrl } from "../../filters/url";
import { ActionDialog } from "../../kit/Action";
import { Segmented } from "../../kit/Form";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { useSession } from "../../session/Session";
import { LastChange } from "../Undo";
import { ChangeDeclared, EndDeclared } from "./DeclaredSilence";
import { conditions } from "./matchers";
import { TOUCHED } from "./section";
import { SilenceForm } from "./SilenceForm";

type Deed = { what: "add" } | { what: "change" | "end"; of: Silence };

const COLUMNS: readonly TableColumn<Silence>[] = [
  { id: "when", title: "What", value: (each) => conditions(each.when), wrap: true },
  { id: "reason", title: "Why", value: (each) => each.reason, wrap: true },
  { id: "author", title: "Who", value: (each) => each.author, cell: (each) => <Author of={each} /> },
  { id: "from", title: "From", value: (each) => each.starts_at, cell: (each) => <Time at={each.starts_at} />, wide: true },
  { id: "until", title: "Until", value: (each) => each.ended_at ?? each.ends_at, cell: (each) => <Time at={each.ended_at ?? each.ends_at} /> },
];

export function Silences() {
  const [url, change] = useUrl();
  const ended = url.get("ended") === "yes";
  const silences = useSilences(ended);
  const { may } = useSession();
  const [deed, setDeed] = useState<Deed | null>(null);
  const columns: readonly TableColumn<Silence>[] = may("admin")
    ? [...COLUMNS, { id: "deeds", title: "", sorts: false, value: () => "", cell: (each) => <Deeds of={each} onAct={setDeed} /> }]
    : COLUMNS;
  const close = () => setDeed(null);
  return (
    <Panel
      title="Silences"
      says="Notices that fit are held back, not dropped; incidents are shown all the same."
      flush
      actions={
        <>
          <Segmented label="Which" choices={[{ value: "now", label: "Now" }, { value: "all", label: "All" }]} value={ended ? "all" : "now"} onChange={(value) => change({ ended: value === "all" ? "yes" : null })} />
          {may("admin") && (
            <button type="button" className="button small" onClick={() => setDeed({ what: "add" })}>
              Silence something
            </button>
          )}
          <CsvButton title="silences" columns={COLUMNS} rows={silences.data?.items ?? []} />
        </>
      }
    >
      <Loaded query={silences}>
        {(data) => (data.items.length ? <Table label="Silences" columns={columns} rows={data.items} keyOf={(each, index) => `${each.id}-${index}`} /> : <Empty title="Nothing is silenced">Whoever should be told is told.</Empty>)}
      </Loaded>
      <LastChange section="silences" />
      {deed?.what === "add" && <SilenceForm onClose={close} />}
      {deed?.what === "change" && (deed.of.declared ? <ChangeDeclared of={deed.of} onClose={close} /> : <SilenceForm before={deed.of} onClose={close} />)}
      {deed?.what === "end" && (deed.of.declared ? <EndDeclared of={deed.of} onClose={close} /> : <End of={deed.of} onClose={close} />)}
    </Panel>
  );
}

function Author({ of }: { of: Silence }) {
  return (
    <span className="row wrap">
      {of.author} {of.declared && <span className="chip">aimon.yaml</span>}
    </span>
  );
}

function Deeds({ of, onAct }: { of: Silence; onAct: (deed: Deed) => void }) {
  if (of.ended_at || new Date(of.ends_at) <= new Date()) return null;
  const what = conditions(of.when);
  return (
    <span className="row" style={{ justifyContent: "flex-end" }}>
      <button type="button" className="button quiet small" aria-label={`Change the silence of ${what}`} onClick={() => onAct({ what: "change", of })}>
        Change
      </button>
      <button type="button" className="button quiet small" aria-label={`End the silence of ${what}`} onClick={() => onAct({ what: "end", of })}>
        {of.declared ? "Remove" : "End now"}
      </button>
    </span>
  );
}

function End({ of, onClose }: { of: Silence; onClose: () => void }) {
  return <ActionDialog title="End this silence" says={`${conditions(of.when)}: ${of.reason}`} verb="End it" act={() => remove(`/silences/${of.id}`)} done="The silence is over" touches={TOUCHED} onClose={onClose} />;
}
