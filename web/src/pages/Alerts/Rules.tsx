/** What holds for all notices, in sentences, and the calendars that name hours; an admin changes both. */

import { useState } from "react";

import { useSection } from "../../api/queries";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { useSession } from "../../session/Session";
import { LastChange } from "../Undo";
import { CalendarForm, type CalendarDeed } from "./CalendarForm";
import { type Calendar, hoursOf, type Rules as Written, rulesTold, type Told } from "./hours";
import { RulesForm } from "./RulesForm";

const RULES: readonly TableColumn<Told>[] = [
  { id: "what", title: "Rule", value: (each) => each.what, cell: (each) => <strong>{each.what}</strong> },
  { id: "says", title: "What it says", value: (each) => each.says, wrap: true },
  { id: "declared", title: "From", value: (each) => (each.declared ? "aimon.yaml" : "default"), cell: (each) => <span className="chip">{each.declared ? "aimon.yaml" : "default"}</span> },
];

interface Named {
  name: string;
  calendar: Calendar;
}

const CALENDARS: readonly TableColumn<Named>[] = [
  { id: "name", title: "Calendar", value: (each) => each.name, cell: (each) => <strong>{each.name}</strong> },
  { id: "hours", title: "Its hours", value: (each) => hoursOf(each.calendar), wrap: true },
  { id: "holidays", title: "Holidays", value: (each) => (each.calendar.holidays ?? []).join(" "), cell: (each) => (each.calendar.holidays ?? []).join(", ") || "none", wrap: true, wide: true },
];

export function Rules() {
  return (
    <>
      <OfAll />
      <Calendars />
    </>
  );
}

function OfAll() {
  const rules = useSection("notices");
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const told = rulesTold((rules.data?.value.value ?? {}) as Written);
  return (
    <Panel
      title="What holds for all notices"
      says="Routes and silences say the rest."
      flush
      actions={
        <>
          {may("admin") && (
            <button type="button" className="button small" onClick={() => setOpen(true)}>
              Change the rules
            </button>
          )}
          <CsvButton title="rules" columns={RULES} rows={told} />
        </>
      }
    >
      <Loaded query={rules}>{() => <Table label="Rules" columns={RULES} rows={told} keyOf={(each) => each.what} />}</Loaded>
      <LastChange section="notices" />
      {open && <RulesForm onClose={() => setOpen(false)} />}
    </Panel>
  );
}

function Calendars() {
  const calendars = useSection("calendars");
  const { may } = useSession();
  const [deed, setDeed] = useState<CalendarDeed | null>(null);
  const written = (calendars.data?.value.value ?? {}) as Record<string, Calendar>;
  const rows = Object.entries(written).map(([name, calendar]) => ({ name, calendar }));
  const columns: readonly TableColumn<Named>[] = may("admin")
    ? [...CALENDARS, { id: "deeds", title: "", sorts: false, value: () => "", cell: (each) => <Deeds name={each.name} onAct={setDeed} /> }]
    : CALENDARS;
  return (
    <Panel
      title="Calendars"
      says="Hours by name, for routes that depend on the time and for quiet hours."
      flush
      actions={
        <>
          {may("admin") && (
            <button type="button" className="button small" onClick={() => setDeed({ name: null })}>
              Add a calendar
            </button>
          )}
          <CsvButton title="calendars" columns={CALENDARS} rows={rows} />
        </>
      }
    >
      <Loaded query={calendars}>
        {() => (rows.length ? <Table label="Calendars" columns={columns} rows={rows} keyOf={(each) => each.name} /> : <Empty title="No calendar is declared">Routes and rules hold at any hour.</Empty>)}
      </Loaded>
      <LastChange section="calendars" />
      {deed && <CalendarForm {...deed} onClose={() => setDeed(null)} />}
    </Panel>
  );
}

function Deeds({ name, onAct }: { name: string; onAct: (deed: CalendarDeed) => void }) {
  return (
    <span className="row" style={{ justifyContent: "flex-end" }}>
      <button type="button" className="button quiet small" aria-label={`Change ${name}`} onClick={() => onAct({ name })}>
        Change
      </button>
      <button type="button" className="button quiet small" aria-label={`Remove ${name}`} onClick={() => onAct({ name, removes: true })}>
        Remove
      </button>
    </span>
  );
}
