// Which file the history page shows. In memory alone: a path holds a patient's name.
export const place: { path: string | null; text: string } = { path: null, text: "" };

export function showHistory(path: string): void {
  place.path = path;
  place.text = "";
}
