/** People: who they are, what they may do; added, changed, disabled, let in anew by an admin. */

import { useState } from "react";

import { part, patch, post } from "../../api/client";
import { useUsers } from "../../api/queries";
import type { Invited, OneTime, User } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { Dialog } from "../../kit/Dialog";
import { Field, Input, Select } from "../../kit/Form";
import { Panel } from "../../kit/Panel";
import { Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";
import { useSession } from "../../session/Session";
import { plural } from "../../words/format";

const ROLES = [
  { value: "viewer", label: "viewer: reads what was found" },
  { value: "auditor", label: "auditor: reads everything" },
  { value: "admin", label: "admin: reads and changes everything" },
];

type Deed = { what: "role" | "disable" | "enable" | "reset"; user: User } | { what: "add" };

export function People() {
  const users = useUsers();
  const { may } = useSession();
  const [deed, setDeed] = useState<Deed | null>(null);
  const [shown, setShown] = useState<OneTime | Invited | null>(null);
  const columns: readonly TableColumn<User>[] = [
    { id: "name", title: "Name", value: (each) => each.name, cell: (each) => <strong>{each.name}</strong> },
    { id: "role", title: "Role", value: (each) => each.role },
    { id: "email", title: "E-mail", value: (each) => each.email, wide: true },
    { id: "state", title: "State", value: (each) => (each.disabled_at ? "disabled" : each.must_change_password ? "not yet logged in" : "active") },
    { id: "since", title: "Since", value: (each) => each.created_at, cell: (each) => <Time at={each.created_at} />, wide: true },
    ...(may("admin") ? [{ id: "deeds", title: "", sorts: false, value: () => "", cell: (each: User) => <Deeds of={each} onAct={setDeed} /> }] : []),
  ];
  return (
    <Panel
      title="People"
      says={users.data && `${plural(users.data.items.length, "person", "people")}, ${plural(users.data.items.filter((each) => each.role === "admin" && !each.disabled_at).length, "admin")} among them`}
      flush
      actions={
        <>
          {may("admin") && (
            <button type="button" className="button small" onClick={() => setDeed({ what: "add" })}>
              Add somebody
            </button>
          )}
          <CsvButton title="people" columns={columns} rows={users.data?.items ?? []} />
        </>
      }
    >
      <Loaded query={users}>{(data) => <Table label="People" columns={columns} rows={data.items} keyOf={(each) => each.name} />}</Loaded>
      {deed?.what === "add" && <Add onClose={() => setDeed(null)} onShown={setShown} />}
      {deed && deed.what !== "add" && <Change deed={deed} onClose={() => setDeed(null)} onShown={setShown} />}
      {shown && (
        <Dialog open onClose={() => setShown(null)} title={`Password for ${shown.name}`} says="For the first login, shown only here. Pass it on by a safe way.">
          <pre className="text">{shown.password}</pre>
        </Dialog>
      )}
    </Panel>
  );
}

function Deeds({ of, onAct }: { of: User; onAct: (deed: Deed) => void }) {
  return (
    <span className="row" style={{ justifyContent: "flex-end" }}>
      <button type="button" className="button quiet small" aria-label={`Change the role of ${of.name}`} onClick={() => onAct({ what: "role", user: of })}>
        Role
      </button>
      <button type="button" className="button quiet small" aria-label={`New password for ${of.name}`} onClick={() => onAct({ what: "reset", user: of })}>
        New password
      </button>
      <button
        type="button"
        className="button quiet small"
        aria-label={`${of.disabled_at ? "Enable" : "Disable"} ${of.name}`}
        onClick={() => onAct({ what: of.disabled_at ? "enable" : "disable", user: of })}
      >
        {of.disabled_at ? "Enable" : "Disable"}
      </button>
    </span>
  );
}

function Add({ onClose, onShown }: { onClose: () => void; onShown: (made: Invited) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("viewer");
  const [email, setEmail] = useState("");
  return (
    <ActionDialog
      title="Add somebody"
      verb="Add"
      act={() => post<Invited>("/users", { name, role, email: email || null })}
      done={`${name} is added`}
      touches={["users", "audit"]}
      onClose={onClose}
      onDone={(made) => {
        onClose();
        onShown(made);
      }}
    >
      <Field label="Name">
        <Input required autoFocus maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Role">
        <Select choices={ROLES} value={role} onChange={(event) => setRole(event.target.value)} />
      </Field>
      <Field label="E-mail" hint="may stay empty">
        <Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
    </ActionDialog>
  );
}

interface ChangeProps {
  deed: { what: "role" | "disable" | "enable" | "reset"; user: User };
  onClose: () => void;
  onShown: (made: OneTime) => void;
}

function Change({ deed: { what, user }, onClose, onShown }: ChangeProps) {
  const [role, setRole] = useState<string>(user.role);
  const path = `/users/${part(user.name)}`;
  const shared = { touches: ["users", "audit"], onClose };
  if (what === "reset") {
    return (
      <ActionDialog
        {...shared}
        title={`New password for ${user.name}`}
        says="All their sessions end. The answer shows a password for the next login, once."
        verb="Make it"
        danger
        act={() => post<OneTime>(`${path}/reset-password`)}
        done="The password is replaced"
        onDone={(made) => {
          onClose();
          onShown(made);
        }}
      />
    );
  }
  if (what === "role") {
    return (
      <ActionDialog {...shared} title={`Role of ${user.name}`} says="All their sessions end." verb="Change" act={() => patch(path, { role })} done={`${user.name} is ${role} now`}>
        <Field label="Role">
          <Select choices={ROLES} value={role} onChange={(event) => setRole(event.target.value)} />
        </Field>
      </ActionDialog>
    );
  }
  const disabled = what === "disable";
  return (
    <ActionDialog
      {...shared}
      title={`${disabled ? "Disable" : "Enable"} ${user.name}`}
      says={disabled ? "Their sessions end and their keys are refused. What they did stays in the log." : "They may log in again."}
      verb={disabled ? "Disable" : "Enable"}
      danger={disabled}
      act={() => patch(path, { disabled })}
      done={`${user.name} is ${disabled ? "disabled" : "enabled"}`}
    />
  );
}
