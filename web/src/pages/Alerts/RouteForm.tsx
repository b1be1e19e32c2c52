/** A route to add, to change or to take away: whom it is for, where it goes, when, and its place among the others. */

import { useState } from "react";

import type { Tagged } from "../../api/client";
import { useChannels, useSection } from "../../api/queries";
import type { Section } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Dialog } from "../../kit/Dialog";
import { Check, Checks, Field, Input, Segmented, Select } from "../../kit/Form";
import { Loaded } from "../../kit/States";
import { draftOf, several, told, type When, whenOf } from "./matchers";
import { Meant } from "./Meant";
import { TOUCHED, writeSection } from "./section";
import { Times } from "./Times";
import { Why } from "./Why";

/** A route as aimon.yaml has it. */
interface Written {
  when?: When;
  to?: string | string[];
  digest?: boolean;
  escalate_after?: string;
  escalate_to?: string | string[];
  continue?: boolean;
}

interface Props {
  /** Which route, counted from 0; null for a new one. */
  place: number | null;
  removes?: boolean;
  onClose: () => void;
}

export function RouteForm({ place, removes, onClose }: Props) {
  const routes = useSection("routes");
  const calendars = useSection("calendars");
  const channels = useChannels();
  if (!routes.data || !calendars.data || !channels.data) {
    return (
      <Dialog open onClose={onClose} title="Route">
        <Loaded query={routes}>{() => <Loaded query={calendars}>{() => <Loaded query={channels}>{() => null}</Loaded>}</Loaded>}</Loaded>
      </Dialog>
    );
  }
  const shared = { section: routes.data, onClose };
  if (removes && place !== null) return <Remove {...shared} place={place} />;
  const declared = channels.data.items.filter((each) => each.state !== "undeclared").map((each) => each.channel);
  return <Edit {...shared} place={place} hours={Object.keys(calendars.data.value.value)} channels={declared} />;
}

interface SectionProps {
  section: Tagged<Section>;
  onClose: () => void;
}

function written(section: Tagged<Section>): readonly Written[] {
  return section.value.value as Written[];
}

function Remove({ section, place, onClose }: SectionProps & { place: number }) {
  const [reason, setReason] = useState("");
  const routes = written(section);
  return (
    <ActionDialog
      title={`Remove route ${place + 1}`}
      says={`Without it this is not so any more: ${told(routes[place]?.when ?? {}, several(routes[place]?.to), routes[place]?.digest ?? false)}`}
      verb="Remove"
      danger
      act={() => writeSection("routes", section, routes.filter((_, index) => index !== place), reason)} // prettier-ignore
      done="The route is removed"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Why value={reason} onChange={setReason} />
    </ActionDialog>
  );
}

function Edit({ section, place, hours, channels, onClose }: SectionProps & { place: number | null; hours: readonly string[]; channels: readonly string[] }) {
  const routes = written(section);
  const before: Written = (place === null ? undefined : routes[place]) ?? {};
  const others = routes.filter((_, index) => index !== place);
  const [meant, setMeant] = useState(() => draftOf(before.when));
  const [to, setTo] = useState<readonly string[]>(() => several(before.to));
  const [digest, setDigest] = useState(before.digest ?? false);
  const [after, setAfter] = useState(before.escalate_after ?? "");
  const [others_, setOthers] = useState<readonly string[]>(() => several(before.escalate_to));
  const [further, setFurther] = useState(before.continue ?? false);
  const [at, setAt] = useState(place ?? others.length);
  const [reason, setReason] = useState("");
  const when = whenOf(meant);
  const route: Written = {
    ...(Object.keys(when).length ? { when } : {}),
    to: [...to],
    ...(digest ? { digest } : {}),
    ...(after.trim() ? { escalate_after: after.trim(), escalate_to: [...others_] } : {}),
    ...(further ? { continue: true } : {}),
  };
  const known = (chosen: readonly string[]) => [...new Set([...channels, ...chosen])];
  return (
    <ActionDialog
      title={place === null ? "Add a route" : `Change route ${place + 1}`}
      says={`${told(when, to, digest)} Written to ${section.value.file}, recorded with your name, undone on this page.`}
      verb="Write"
      width={760}
      act={() => writeSection("routes", section, [...others.slice(0, at), route, ...others.slice(at)], reason)}
      done="The routes are changed"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Meant draft={meant} onChange={setMeant} />
      <div className="grid" style={{ "--least": "200px" } as React.CSSProperties}>
        <Times label="At what times" open="At any time" hours={hours} value={meant.time} onChange={(time) => setMeant({ ...meant, time })} />
        <Field label="Place" hint="the first route that fits decides">
          <Select value={String(at)} choices={Array.from({ length: others.length + 1 }, (_, index) => ({ value: String(index), label: index === others.length ? `${index + 1}, last` : String(index + 1) }))} onChange={(event) => setAt(Number(event.target.value))} />
        </Field>
        <div className="field">
          <span>How</span>
          <Segmented label="How" choices={[{ value: "once", label: "At once" }, { value: "digest", label: "In the digest" }]} value={digest ? "digest" : "once"} onChange={(value) => setDigest(value === "digest")} />
        </div>
      </div>
      <Checks label="Goes to" choices={known(to)} value={to} onChange={setTo} hint={channels.length ? "none: nobody is told" : "no channel is declared; channels in the file name them"} />
      <div className="grid" style={{ "--least": "200px" } as React.CSSProperties}>
        <Field label="Escalates after" hint="such as 2h, where nobody took the incident; empty: never">
          <Input value={after} placeholder="never" onChange={(event) => setAfter(event.target.value)} />
        </Field>
        {after.trim() && <Checks label="Then also to" choices={known(others_)} value={others_} onChange={setOthers} />}
      </div>
      <Check label="Later routes are looked at, too" value={further} onChange={setFurther} />
      <Why value={reason} onChange={setReason} />
    </ActionDialog>
  );
}
