/** A part of a page: a title, a sentence that says what is seen, actions, and the thing itself. */

import type { ReactNode } from "react";

interface Props {
  title: string;
  says?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, says, actions, flush = false, children }: Props) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2 className="grow">{title}</h2>
        {actions && <div className="row">{actions}</div>}
        {says && <div className="says small">{says}</div>}
      </header>
      <div className={flush ? "body flush" : "body"}>{children}</div>
    </section>
  );
}
