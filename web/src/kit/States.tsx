/** What stands where data is not: on its way, none, refused. `Loaded` chooses between them for a query. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Problem } from "../api/client";

export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <div className="bones" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={{ width: `${92 - ((index * 23) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg width="40" height="28" viewBox="0 0 40 28" aria-hidden="true">
        <path d="M2 20h8l4-12 7 18 5-10h12" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="3 3" />
      </svg>
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  );
}

export function Fault({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const mistakes = error instanceof Problem ? error.mistakes : [];
  return (
    <div className="fault" role="alert">
      <div className="row apart">
        <span>{error.message}</span>
        {onRetry && (
          <button type="button" className="button small" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
      {mistakes.length > 0 && (
        <ul>
          {mistakes.map((each, index) => (
            <li key={index}>
              {each.line ? `Line ${each.line}: ` : ""}
              {each.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  lines?: number;
  /** What a 404 means here: nothing to show, in this sentence. */
  missing?: string;
  children: (data: T) => ReactNode;
}

export function Loaded<T>({ query, lines = 4, missing, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) {
    if (missing && query.error instanceof Problem && query.error.status === 404) return <Empty title={missing} />;
    return <Fault error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <Loading lines={lines} />;
}
