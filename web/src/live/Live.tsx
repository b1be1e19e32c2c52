/** The live feed for components, and the sign that says whether it is connected. */

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { Tip } from "../kit/Tip";
import { type Connection, LiveFeed, type LiveMessage } from "./feed";

const Context = createContext<LiveFeed | null>(null);

export function LiveProvider({ children }: { children: ReactNode }) {
  const [feed] = useState(() => new LiveFeed());
  useEffect(() => feed.start(), [feed]);
  return <Context.Provider value={feed}>{children}</Context.Provider>;
}

function useFeed(): LiveFeed {
  const feed = useContext(Context);
  if (!feed) throw new Error("nothing is live outside of a session");
  return feed;
}

export function useConnection(): Connection {
  const feed = useFeed();
  return useSyncExternalStore(feed.subscribe, feed.state);
}

/** What is live of a model, each version. */
export function useLive(model: string | null): readonly LiveMessage[] {
  const feed = useFeed();
  return useSyncExternalStore(feed.subscribe, () => feed.of(model));
}

/** A dot and a word. After a loss everything that was read is read again, for it may have changed meanwhile. */
export function ConnectionSign() {
  const state = useConnection();
  const queries = useQueryClient();
  const before = useRef(state);
  useEffect(() => {
    if (before.current === "lost" && state === "open") void queries.invalidateQueries();
    before.current = state;
  }, [state, queries]);
  const said = { open: "Live", connecting: "Connecting", lost: "Connection lost" }[state];
  const means = {
    open: "Predictions appear here within a second.",
    connecting: "The live connection is being made.",
    lost: "What you see may be old. It connects again by itself.",
  }[state];
  return (
    <span role="status" aria-live="polite">
      <Tip says={means}>
        <span className={`sign ${state}`}>{said}</span>
      </Tip>
    </span>
  );
}
