// Messages at the foot of the page: what was done, with a way back, and what failed. They stay until they
// are closed or the next one comes: nobody has to read fast.
import { useEffect, useState } from "preact/hooks";

export interface Notice {
  kind: "done" | "failed";
  text: string;
  action?: { label: string; run: () => Promise<void> };
}

let current: Notice | null = null;
const listeners = new Set<(notice: Notice | null) => void>();

export function tell(notice: Notice | null): void {
  current = notice;
  for (const listener of listeners) listener(notice);
}

export const fail = (error: unknown) =>
  tell({ kind: "failed", text: error instanceof Error ? error.message : String(error) });

export function useNotice(): Notice | null {
  const [notice, setNotice] = useState(current);
  useEffect(() => {
    listeners.add(setNotice);
    return () => void listeners.delete(setNotice);
  }, []);
  return notice;
}
