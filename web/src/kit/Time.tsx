/** An instant in the viewer's own zone; UTC on hover and focus. */

import { Tooltip } from "radix-ui";
import { useEffect, useState } from "react";

import { ago } from "../words/format";

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function local(at: Date): string {
  return at.toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export function Time({ at, relative = false }: { at: string | null | undefined; relative?: boolean }) {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!relative) return;
    const timer = setInterval(() => tick((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, [relative]);
  if (!at) return <span className="soft">–</span>;
  const when = new Date(at);
  return (
    <Tooltip.Root delayDuration={250}>
      <Tooltip.Trigger asChild>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- its UTC is read by the keyboard, too */}
        <time className="tipped" dateTime={at} tabIndex={0}>
          {relative ? ago(when) : local(when)}
        </time>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" sideOffset={5}>
          {relative ? `${local(when)} here · ${utc(when)}` : utc(when)}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
