/** What an element means, on hover and on focus. The element gets a place in the order of the keyboard. */

import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

export function Tip({ says, children }: { says: ReactNode; children: ReactNode }) {
  return (
    <Tooltip.Root delayDuration={250}>
      <Tooltip.Trigger asChild>
        <button type="button" className="tipped" onClick={(event) => event.preventDefault()}>
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
