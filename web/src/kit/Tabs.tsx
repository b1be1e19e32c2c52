/** Tabs whose choice lives in the URL; the chosen one is in sight where there is no room for all. */

import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";

import { useUrl } from "../filters/url";

export interface Tab {
  id: string;
  title: string;
  content: () => ReactNode;
}

export function Tabs({ tabs, label, name = "tab" }: { tabs: readonly Tab[]; label: string; name?: string }) {
  const [url, setUrl] = useUrl();
  const first = tabs[0]?.id ?? "";
  const asked = url.get(name);
  const chosen = tabs.some((tab) => tab.id === asked) && asked ? asked : first;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [all, tab] = [list.current, list.current?.querySelector<HTMLElement>("[data-state=active]")];
    if (all && tab) all.scrollLeft = tab.offsetLeft - (all.clientWidth - tab.offsetWidth) / 2;
  }, [chosen]);
  return (
    <Radix.Root className="tabs" value={chosen} onValueChange={(id) => setUrl({ [name]: id === first ? null : id })}>
      <Radix.List ref={list} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.id} value={tab.id}>
            {tab.title}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className="stack">
          {chosen === tab.id && tab.content()}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
