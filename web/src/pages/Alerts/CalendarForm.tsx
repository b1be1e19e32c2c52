/** A calendar to add, to change or to take away: its name, its days and hours, the zone they are in, its holidays. */

import { useState } from "react";

import type { Tagged } from "../../api/client";
import { useSection } from "../../api/queries";
import type { Section } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Dialog } from "../../kit/Dialog";
import { Checks, Field, Input } from "../../kit/Form";
import { Loaded } from "../../kit/States";
import { type Calendar, calendarDraft, calendarOf, hoursOf, WEEKDAYS } from "./hours";
import { TOUCHED, writeSection } from "./section";
import { Timezone } from "./Timezone";
import { Why } from "./Why";

export interface CalendarDeed {
  /** Which calendar; null for a new one. */
  name: string | null;
  removes?: boolean;
}

type Props = CalendarDeed & { onClose: () => void };

export function CalendarForm({ onClose, ...deed }: Props) {
  const calendars = useSection("calendars");
  if (!calendars.data) {
    return (
      <Dialog open onClose={onClose} title="Calendar">
        <Loaded query={calendars}>{() => null}</Loaded>
      </Dialog>
    );
  }
  const shared = { section: calendars.data, onClose };
  if (deed.removes && deed.name !== null) return <Remove {...shared} name={deed.name} />;
  return <Edit {...shared} name={deed.name} />;
}

interface SectionProps {
  section: Tagged<Section>;
  onClose: () => void;
}

function written(section: Tagged<Section>): Readonly<Record<string, Calendar>> {
  return section.value.value as Record<string, Calendar>;
}

function Remove({ section, name, onClose }: SectionProps & { name: string }) {
  const [reason, setReason] = useState("");
  const kept = Object.fromEntries(Object.entries(written(section)).filter(([each]) => each !== name));
  return (
    <ActionDialog
      title={`Remove the calendar ${name}`}
      says={`${hoursOf(written(section)[name] ?? {})}. It is refused while a route or the quiet hours name it.`}
      verb="Remove"
      danger
      act={() => writeSection("calendars", section, kept, reason)}
      done="The calendar is removed"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Why value={reason} onChange={setReason} />
    </ActionDialog>
  );
}

function Edit({ section, name: before, onClose }: SectionProps & { name: string | null }) {
  const all = written(section);
  const [name, setName] = useState(before ?? "");
  const [draft, setDraft] = useState(() => calendarDraft(before === null ? { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "18:00" } : all[before]));
  const [reason, setReason] = useState("");
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const called = name.trim();
  const taken = called !== before && called in all;
  const calendar = calendarOf(draft);
  const value = before === null ? { ...all, [called]: calendar } : Object.fromEntries(Object.entries(all).map(([each, was]) => (each === before ? [called, calendar] : [each, was])));
  return (
    <ActionDialog
      title={before === null ? "Add a calendar" : `Change the calendar ${before}`}
      says={taken ? `There is a calendar ${called} already.` : `${hoursOf(calendar)}. Written to ${section.value.file}, recorded with your name, undone on this page.`}
      verb="Write"
      width={760}
      act={() => writeSection("calendars", section, value, reason)}
      done="The calendars are changed"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim() || !called || taken || draft.days.length === 0}
    >
      <Field label="Name" hint="routes and quiet hours call it so">
        <Input required value={name} placeholder="office" onChange={(event) => setName(event.target.value)} />
      </Field>
      <Checks label="Days" choices={WEEKDAYS} value={draft.days} onChange={(days) => change({ days })} hint="on which the hours begin" />
      <div className="grid" style={{ "--least": "150px" } as React.CSSProperties}>
        <Field label="From" hint="hours and minutes">
          <Input value={draft.from} placeholder="00:00" onChange={(event) => change({ from: event.target.value })} />
        </Field>
        <Field label="To" hint="of the next day where it is earlier">
          <Input value={draft.to} placeholder="24:00" onChange={(event) => change({ to: event.target.value })} />
        </Field>
        <Timezone value={draft.timezone} onChange={(timezone) => change({ timezone })} hint="which the hours are in" />
      </div>
      <Field label="Holidays" hint="days such as 2026-12-25, commas between; the hours do not begin on them">
        <Input value={draft.holidays} placeholder="none" onChange={(event) => change({ holidays: event.target.value })} />
      </Field>
      <Why value={reason} onChange={setReason} />
    </ActionDialog>
  );
}
