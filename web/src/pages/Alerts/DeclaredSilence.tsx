/** A silence that stands in aimon.yaml: changed there, or taken out of there. */

import { useState } from "react";

import { useSection } from "../../api/queries";
import type { Silence } from "../../api/types";
import { ActionDialog } from "../../kit/Action";
import { conditions, several } from "./matchers";
import { TOUCHED, writeSection } from "./section";
import { SilenceForm } from "./SilenceForm";
import { Why } from "./Why";

/** As aimon.yaml has it. */
interface Written {
  when?: Record<string, unknown>;
  from?: string;
  until?: string;
  reason?: string;
  author?: string;
}

interface Props {
  of: Silence;
  onClose: () => void;
}

/** Writes the file's silences with another in the place of this one, or with none. */
function useRewrite(of: Silence) {
  const section = useSection("silences");
  return async (instead: (before: Written) => Written[], why: string) => {
    if (!section.data) throw new Error("The file is not read yet; try again.");
    const written = section.data.value.value as Written[];
    if (written.filter((each) => isThat(each, of)).length !== 1) throw new Error("The file has it not, or more than once; change it there.");
    return writeSection("silences", section.data, written.flatMap((each) => (isThat(each, of) ? instead(each) : [each])), why); // prettier-ignore
  };
}

/** Who decided it stays its author; who changes it is in the audit log. */
export function ChangeDeclared({ of, onClose }: Props) {
  const rewrite = useRewrite(of);
  const instead = ({ from, ...rest }: Written) => ({ ...rest, ...(hasBegun(from) ? { from } : {}) });
  return <SilenceForm before={of} write={(asked, why) => rewrite((before) => [{ ...instead(before), ...asked }], why)} onClose={onClose} />;
}

/** The form leaves the beginning open of what began already. */
function hasBegun(from: string | undefined): boolean {
  return from !== undefined && new Date(from) <= new Date();
}

export function EndDeclared({ of, onClose }: Props) {
  const rewrite = useRewrite(of);
  const [reason, setReason] = useState("");
  return (
    <ActionDialog
      title="Remove this silence from aimon.yaml"
      says={`${conditions(of.when)}: ${of.reason}`}
      verb="Remove"
      danger
      act={() => rewrite(() => [], reason)}
      done="The silence is removed"
      touches={TOUCHED}
      onClose={onClose}
      disabled={!reason.trim()}
    >
      <Why value={reason} onChange={setReason} />
    </ActionDialog>
  );
}

function isThat(written: Written, of: Silence): boolean {
  const same = (key: string) => several(written.when?.[key]).join() === several(of.when[key]).join();
  const keys = new Set([...Object.keys(written.when ?? {}), ...Object.keys(of.when)]);
  return written.reason === of.reason && new Date(written.until ?? "").getTime() === new Date(of.ends_at).getTime() && [...keys].every(same);
}
