/** A dialog with a title, closed by Esc, by its cross and by a click beside it. */

import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface Props {
  title: ReactNode;
  says?: ReactNode;
  open: boolean;
  onClose: () => void;
  width?: number;
  children: ReactNode;
}

export function Dialog({ title, says, open, onClose, width = 560, children }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className="dialog"
          style={{ "--wide": `${width}px` } as React.CSSProperties}
          {...(says ? {} : { "aria-describedby": undefined })}
        >
          <header>
            <div className="stack tight">
              <Radix.Title asChild>
                <h2>{title}</h2>
              </Radix.Title>
              {says && <Radix.Description className="says">{says}</Radix.Description>}
            </div>
            <Radix.Close className="button quiet" aria-label="Close">
              ✕
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
