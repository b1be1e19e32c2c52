/** Who is looking, what they may do, and the way in: log-in, and another password where one was given out. */

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

import { csrfToken, get, post, Problem, whenExpired } from "../api/client";
import type { Left, Me } from "../api/types";
import { Loading } from "../kit/States";
import { ChangePassword, LogIn } from "./LogIn";

/** What is answered by nobody, or by a service that is starting. */
const AWAY = [0, 502, 503, 504];
const PATIENCE = 1_000;

export type Right = "read" | "audit" | "admin";

interface Session {
  name: string;
  may: (right: Right) => boolean;
  leave: () => Promise<void>;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("there is nobody outside of a session");
  return session;
}

export function SessionGate({ children }: { children: ReactNode }) {
  const [me, setMe] = useState<Me | null>(null);
  const [asking, setAsking] = useState(() => csrfToken() !== null);
  const queries = useQueryClient();
  const ask = useCallback(() => {
    get<Me>("/auth/me").then(
      (found) => {
        setMe(found);
        setAsking(false);
      },
      (error: unknown) => {
        if (error instanceof Problem && AWAY.includes(error.status)) {
          setTimeout(ask, PATIENCE); // whoever was logged in is so when the service is back
          return;
        }
        setMe(null);
        setAsking(false);
      },
    );
  }, []);
  useEffect(() => {
    if (csrfToken() !== null) ask();
    whenExpired(() => setMe(null));
  }, [ask]);
  const leave = useCallback(async () => {
    const left = await post<Left | null>("/auth/logout");
    queries.clear();
    setMe(null);
    if (left) window.location.assign(left.provider_logout);
  }, [queries]);
  const session = useMemo<Session | null>(
    () => me && { name: me.name.replace(/^user:/, ""), may: (right) => me.rights.includes(right), leave },
    [me, leave],
  );
  if (asking) return <Loading />;
  if (!session || !me) return <LogIn onIn={setMe} />;
  if (me.must_change_password) return <ChangePassword name={session.name} onDone={ask} onLeave={() => void leave()} />;
  return <Context.Provider value={session}>{children}</Context.Provider>;
}
