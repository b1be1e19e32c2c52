/** Who may come in and who did what: people, keys of programs, the audit log, changes of the configuration. */

import { Tabs } from "../../kit/Tabs";
import { Audit } from "./Audit";
import { Changes } from "./Changes";
import { Keys } from "./Keys";
import { People } from "./People";

const TABS = [
  { id: "people", title: "People", content: () => <People /> },
  { id: "keys", title: "Keys", content: () => <Keys /> },
  { id: "audit", title: "Audit log", content: () => <Audit /> },
  { id: "changes", title: "Changes", content: () => <Changes /> },
];

export default function Administration() {
  return (
    <>
      <div className="page-head">
        <h1>Administration</h1>
        <p className="lead">Who may come in, and what was done. Auditors see all of it; admins change it; nobody sees a secret twice.</p>
      </div>
      <Tabs label="Administration" tabs={TABS} />
    </>
  );
}
