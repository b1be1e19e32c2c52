/** Short words on what was just done, read out by screen readers, gone after some seconds. */

import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Say = (text: string) => void;
const Context = createContext<Say>(() => undefined);
const SECONDS = 5;

export function useSay(): Say {
  return useContext(Context);
}

export function Toasts({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ id: number; text: string }[]>([]);
  const say = useCallback((text: string) => {
    const id = Date.now() + Math.random();
    setSaid((before) => [...before, { id, text }]);
    setTimeout(() => setSaid((before) => before.filter((each) => each.id !== id)), SECONDS * 1000);
  }, []);
  return (
    <Context.Provider value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {said.map((each) => (
          <div key={each.id} className="toast">
            {each.text}
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}
