/** The pages before the pages: name and password, and choosing a password for the first time. */

import { type FormEvent, type ReactNode, useEffect, useState } from "react";

import { get, post } from "../api/client";
import type { Entered, Me, Ways } from "../api/types";
import { Field, Input } from "../kit/Form";
import { Fault } from "../kit/States";

const SHORTEST = 12;

function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="door">
      <div className="panel">
        <div className="body stack">
          <div className="row">
            <img src="/icon.svg" width="32" height="32" alt="" />
            <h1>{title}</h1>
          </div>
          {children}
        </div>
      </div>
    </main>
  );
}

/** A form whose deed may be refused; the refusal is shown in the service's words. */
function useDeed(deed: () => Promise<void>) {
  const [fault, setFault] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    deed()
      .catch((error: Error) => setFault(error))
      .finally(() => setBusy(false));
  };
  return { fault, setFault, busy, submit };
}

/** The way in by the identity provider, where one is declared. */
function ByProvider() {
  const [ways, setWays] = useState<Ways | null>(null);
  useEffect(() => {
    get<Ways>("/auth/ways")
      .then(setWays)
      .catch(() => setWays(null));
  }, []);
  if (!ways?.provider) return null;
  return (
    <a className="button" href={ways.provider.begin}>
      Log in with {ways.provider.host}
    </a>
  );
}

export function LogIn({ onIn }: { onIn: (me: Me) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { fault, busy, submit } = useDeed(async () => {
    onIn(await post<Entered>("/auth/login", { name, password }));
  });
  return (
    <Door title="Log in to aimon">
      <form className="stack" onSubmit={submit}>
        <Field label="Name">
          <Input autoFocus autoComplete="username" required maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
        </Field>
        <Field label="Password">
          <Input type="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.target.value)} />
        </Field>
        {fault && <Fault error={fault} />}
        <button className="button main" type="submit" disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </button>
        <ByProvider />
        <p className="hint">
          The first start of the service prints a password for <code>admin</code>, once. Lost it?{" "}
          <code>aimon users reset-password admin</code> prints another.
        </p>
      </form>
    </Door>
  );
}

export function ChangePassword({ name, onDone, onLeave }: { name: string; onDone: () => void; onLeave: () => void }) {
  const [old, setOld] = useState("");
  const [chosen, setChosen] = useState("");
  const [again, setAgain] = useState("");
  const { fault, setFault, busy, submit } = useDeed(async () => {
    if (chosen !== again) throw new Error("The two new passwords differ.");
    await post("/auth/password", { old, new: chosen });
    onDone();
  });
  return (
    <Door title={`Welcome, ${name}`}>
      <form className="stack" onSubmit={submit} onChange={() => setFault(null)}>
        <p className="says">Your password was given out once. Choose your own: at least {SHORTEST} characters, a few words are best.</p>
        <Field label="The password you were given">
          <Input type="password" autoComplete="current-password" autoFocus required value={old} onChange={(e) => setOld(e.target.value)} />
        </Field>
        <Field label="New password">
          <Input type="password" autoComplete="new-password" required minLength={SHORTEST} value={chosen} onChange={(e) => setChosen(e.target.value)} />
        </Field>
        <Field label="New password again">
          <Input type="password" autoComplete="new-password" required minLength={SHORTEST} value={again} onChange={(e) => setAgain(e.target.value)} />
        </Field>
        {fault && <Fault error={fault} />}
        <div className="row apart">
          <button className="button quiet" type="button" onClick={onLeave}>
            Log out
          </button>
          <button className="button main" type="submit" disabled={busy}>
            Set password
          </button>
        </div>
      </form>
    </Door>
  );
}
