/** What an element means, on hover, on focus and on a tap. The element gets a place in the order of the keyboard. */

import { Tooltip } from "radix-ui";
import { type ReactNode, useState } from "react";

export function Tip({ says, children }: { says: ReactNode; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Tooltip.Root delayDuration={250} open={open} onOpenChange={setOpen}>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="tipped"
          onClick={(event) => {
            event.preventDefault();
            setOpen(true);
          }}
        >
          {children}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" sideOffset={5} collisionPadding={8}>
          {says}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export const TipProvider = Tooltip.Provider;
