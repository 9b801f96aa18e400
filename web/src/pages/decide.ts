// Carries decisions out, in portions that the agent takes, and offers the way back.
import { resolve, undo } from "../api";
import { t, tn } from "../i18n";
import { tell } from "../notices";
import type { Keep } from "../types";

export const PORTION = 1000;

export interface Outcome { done: number; failed: { id: string; error: string }[]; undos: string[] }

export async function decide(ids: string[], keep: Keep, progress: (done: number) => void = () => {}): Promise<Outcome> {
  const outcome: Outcome = { done: 0, failed: [], undos: [] };
  for (let at = 0; at < ids.length; at += PORTION) {
    const portion = ids.slice(at, at + PORTION);
    const answer = await resolve(portion.map((id) => ({ id, keep })));
    for (const result of answer.results) {
      if (result.ok) outcome.done += 1;
      else outcome.failed.push({ id: result.id, error: result.error ?? "" });
    }
    if (answer.undo) outcome.undos.push(answer.undo);
    progress(at + portion.length);
  }
  return outcome;
}

// The last decision is taken back first.
export async function takeBack(undos: string[]): Promise<void> {
  let back = 0;
  const errors: string[] = [];
  for (const id of [...undos].reverse()) {
    for (const result of await undo(id)) {
      if (result.ok) back += 1;
      else errors.push(result.error ?? "");
    }
  }
  if (errors.length === 0) tell({ kind: "done", text: tn("undo.done", back) });
  else tell({ kind: "failed", text: `${tn("undo.failed", errors.length)} ${errors[0]}` });
}

export function tellOutcome(outcome: Outcome, after: () => void): void {
  const { done, failed, undos } = outcome;
  const first = failed[0];
  const text = failed.length === 0
    ? tn("decide.done", done)
    : `${tn("decide.done", done)} ${tn("decide.failed", failed.length)} ${first?.error ?? ""}`;
  const action = undos.length === 0 ? undefined : {
    label: t("undo.button"),
    run: async () => {
      await takeBack(undos);
      after();
    },
  };
  tell({ kind: failed.length === 0 ? "done" : "failed", text, ...(action ? { action } : {}) });
}
