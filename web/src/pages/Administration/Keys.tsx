/** Keys of programs: what they may do, when they were used; made, replaced and revoked by an admin. */

import { useState } from "react";

import { part, post, remove } from "../../api/client";
import { useKeys } from "../../api/queries";
import type { Key, KeyMade } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Dialog } from "../../kit/Dialog";
import { Field, Input, Select } from "../../kit/Form";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { useSession } from "../../session/Session";
import { plural } from "../../words/format";

const SCOPES = ["ingest", "read", "agent", "admin"].map((value) => ({ value, label: value }));
type Deed = { what: "add" } | { what: "rotate" | "revoke"; key: Key };

export function Keys() {
  const keys = useKeys();
  const { may } = useSession();
  const [deed, setDeed] = useState<Deed | null>(null);
  const [made, setMade] = useState<KeyMade | null>(null);
  const columns: readonly TableColumn<Key>[] = [
    { id: "name", title: "Name", value: (each) => each.name, cell: (each) => <strong>{each.name}</strong> },
    { id: "prefix", title: "Prefix", value: (each) => each.prefix, cell: (each) => <code>{each.prefix}</code>, wide: true },
    { id: "scopes", title: "May", value: (each) => each.scopes.join(", ") },
    { id: "state", title: "State", value: (each) => each.state },
    { id: "used", title: "Last used", value: (each) => each.used_at, cell: (each) => <Time at={each.used_at} relative /> },
    { id: "expires", title: "Expires", value: (each) => each.expires_at, cell: (each) => <Time at={each.expires_at} relative />, wide: true },
    ...(may("admin")
      ? [
          {
            id: "deeds",
            title: "",
            sorts: false,
            value: () => "",
            cell: (each: Key) =>
              each.state === "valid" && (
                <span className="row" style={{ justifyContent: "flex-end" }}>
                  <button type="button" className="button quiet small" aria-label={`Replace ${each.name}`} onClick={() => setDeed({ what: "rotate", key: each })}>
                    Replace
                  </button>
                  <button type="button" className="button quiet small" aria-label={`Revoke ${each.name}`} onClick={() => setDeed({ what: "revoke", key: each })}>
                    Revoke
                  </button>
                </span>
              ),
          },
        ]
      : []),
  ];
  const close = () => setDeed(null);
  const show = (key: KeyMade) => {
    close();
    setMade(key);
  };
  return (
    <Panel
      title="Keys of programs"
      says={keys.data && `${plural(keys.data.items.filter((each) => each.state === "valid").length, "key")} valid`}
      flush
      actions={
        <>
          {may("admin") && (
            <button type="button" className="button small" onClick={() => setDeed({ what: "add" })}>
              Make a key
            </button>
          )}
          <CsvButton title="keys" columns={columns} rows={keys.data?.items ?? []} />
        </>
      }
    >
      <Loaded query={keys}>
        {(data) => (data.items.length ? <Table label="Keys" columns={columns} rows={data.items} keyOf={(each) => each.prefix} /> : <Empty title="No key was made yet">Programs that report predictions need one.</Empty>)}
      </Loaded>
      {deed?.what === "add" && <Add onClose={close} onMade={show} />}
      {deed?.what === "rotate" && (
        <ActionDialog
          title={`Replace ${deed.key.name}`}
          says="A new key is made; the old one works for 24 hours more."
          verb="Replace"
          act={() => post<KeyMade>(`/keys/${part(deed.key.prefix)}/rotate`)}
          done="The key is replaced"
          touches={["keys", "audit"]}
          onClose={close}
          onDone={show}
        />
      )}
      {deed?.what === "revoke" && (
        <ActionDialog
          title={`Revoke ${deed.key.name}`}
          says="Whoever shows it is refused at once. It stays in the list."
          verb="Revoke"
          danger
          act={() => remove(`/keys/${part(deed.key.prefix)}`)}
          done="The key is revoked"
          touches={["keys", "audit"]}
          onClose={close}
        />
      )}
      {made && (
        <Dialog open onClose={() => setMade(null)} title={`The key ${made.name}`} says="Shown only here. Send it as Authorization: Bearer KEY.">
          <pre className="text">{made.key}</pre>
        </Dialog>
      )}
    </Panel>
  );
}

function Add({ onClose, onMade }: { onClose: () => void; onMade: (key: KeyMade) => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState("ingest");
  const [days, setDays] = useState("365");
  return (
    <ActionDialog
      title="Make a key"
      verb="Make"
      act={() => post<KeyMade>("/keys", { name, scopes: [scope], days: days ? Number(days) : null })}
      done="The key is made"
      touches={["keys", "audit"]}
      onClose={onClose}
      onDone={onMade}
    >
      <Field label="What it is for">
        <Input required autoFocus maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="What it may">
        <Select choices={SCOPES} value={scope} onChange={(event) => setScope(event.target.value)} />
      </Field>
      <Field label="Days it is valid" hint="empty: until it is revoked">
        <Input type="number" min={1} max={3660} value={days} onChange={(event) => setDays(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}
