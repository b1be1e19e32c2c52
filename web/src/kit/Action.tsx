/** A form in a dialog that changes something: fields, a refusal in the service's words, what is read anew afterwards. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Dialog } from "./Dialog";
import { Fault } from "./States";
import { useSay } from "./Toasts";

interface Props<T> {
  title: string;
  says?: ReactNode;
  verb: string;
  danger?: boolean;
  width?: number;
  act: () => Promise<T>;
  /** What was done, in short; and which questions have other answers now. */
  done: string;
  touches: readonly string[];
  onClose: () => void;
  onDone?: (answer: T) => void;
  disabled?: boolean;
  children?: ReactNode;
}

export function ActionDialog<T>({ title, says, verb, danger, width, act, done, touches, onClose, onDone, disabled, children }: Props<T>) {
  const queries = useQueryClient();
  const say = useSay();
  const deed = useMutation({
    mutationFn: act,
    onSuccess: async (answer) => {
      say(done);
      await Promise.all(touches.map((key) => queries.invalidateQueries({ queryKey: [key] })));
      if (onDone) onDone(answer);
      else onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={title} says={says} width={width}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          deed.mutate();
        }}
      >
        {children}
        {deed.error && <Fault error={deed.error} />}
        <div className="row" style={{ justifyContent: "flex-end" }}>
          <button type="button" className="button quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={danger ? "button danger" : "button main"} disabled={deed.isPending || disabled}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
