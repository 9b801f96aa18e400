// Filters and sorts the lines of the database report.
import type { Finding } from "../types";

export interface Sorting { column: "kind" | "path" | "pat_num" | "table"; descending: boolean }

export function arranged(all: Finding[], by: { kind: string; text: string; sorting: Sorting }): Finding[] {
  const text = by.text.toLowerCase();
  const { column, descending } = by.sorting;
  const found = all.filter((one) =>
    (by.kind === "" || one.kind === by.kind) &&
    (text === "" || [one.path, one.found_at, String(one.pat_num ?? "")].some((field) => field?.toLowerCase().includes(text))));
  const sign = descending ? -1 : 1;
  return found.sort((a, b) => sign * compare(a[column], b[column]) || compare(a.path, b.path));
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
