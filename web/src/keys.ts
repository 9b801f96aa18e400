// Single-key shortcuts: each has a button that does the same, and all of them can be switched off.
import { useEffect } from "preact/hooks";

const KEPT = "atozsync.shortcuts";

export const shortcutsOn = () => localStorage.getItem(KEPT) !== "off";
export const setShortcuts = (on: boolean) => localStorage.setItem(KEPT, on ? "on" : "off");

// `calls` by key as KeyboardEvent.key names it, in lower case.
export function useShortcuts(calls: Record<string, () => void>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!shortcutsOn() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || document.querySelector("dialog[open]")) return;
      const call = calls[event.key.toLowerCase()];
      if (!call) return;
      event.preventDefault();
      call();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });
}
