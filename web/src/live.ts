// What the agent tells by itself: the overview, by server-sent events.
import { useEffect, useState } from "preact/hooks";
import { session } from "./api";
import type { Overview } from "./types";

export interface Live { overview: Overview | null; connected: boolean }

let state: Live = { overview: null, connected: false };
const listeners = new Set<(live: Live) => void>();
let source: EventSource | null = null;

function set(next: Partial<Live>): void {
  state = { ...state, ...next };
  for (const listener of listeners) listener(state);
}

const AGAIN_MS = 5000;

// Once, when a session is there. The browser connects anew by itself; where the server refused, we ask why.
export function startLive(signedOut: () => void): void {
  source?.close();
  source = new EventSource("/v1/events");
  source.onopen = () => set({ connected: true });
  source.addEventListener("overview", (event) => {
    set({ overview: JSON.parse((event as MessageEvent<string>).data) as Overview, connected: true });
  });
  source.onerror = () => {
    set({ connected: false });
    if (source?.readyState !== EventSource.CLOSED) return;
    session().then(
      (found) => (found ? setTimeout(() => startLive(signedOut), AGAIN_MS) : signedOut()),
      () => setTimeout(() => startLive(signedOut), AGAIN_MS));
  };
}

export function stopLive(): void {
  source?.close();
  source = null;
}

export function useLive(): Live {
  const [live, setLive] = useState(state);
  useEffect(() => {
    listeners.add(setLive);
    setLive(state);
    return () => void listeners.delete(setLive);
  }, []);
  return live;
}

// The time now, anew every `every_ms`: for "3 minutes ago".
export function useNow(every_ms = 10_000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
