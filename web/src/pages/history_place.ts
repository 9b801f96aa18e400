// Which file the history page shows. In memory alone: a path holds a patient's name.
import type { Named } from "../types";

export const place: { file: Named | null; text: string } = { file: null, text: "" };

export function showHistory(file: Named): void {
  place.file = file;
  place.text = "";
}
