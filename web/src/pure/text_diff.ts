// What changed between two texts, line by line, in rows that can stand side by side.
import { diffLines } from "diff";

export interface Row {
  change: "same" | "removed" | "added" | "changed";
  left: string | null;
  right: string | null;
  leftLine: number | null;
  rightLine: number | null;
}

// Beyond this many edits a comparison says nothing to a person, and takes long.
const EDITS_MAX = 4000;

// Null when the texts differ too much.
export function diffRows(left: string, right: string): Row[] | null {
  const changes = diffLines(plain(left), plain(right), { maxEditLength: EDITS_MAX });
  if (!changes) return null;
  const rows: Row[] = [];
  let leftLine = 0;
  let rightLine = 0;
  for (let i = 0; i < changes.length; i += 1) {
    const change = changes[i]!;
    const next = changes[i + 1];
    if (change.removed && next?.added) {
      const gone = linesOf(change.value);
      const come = linesOf(next.value);
      for (let k = 0; k < Math.max(gone.length, come.length); k += 1) {
        const from = gone[k] ?? null;
        const to = come[k] ?? null;
        rows.push({
          change: from === null ? "added" : to === null ? "removed" : "changed", left: from, right: to,
          leftLine: from === null ? null : ++leftLine, rightLine: to === null ? null : ++rightLine,
        });
      }
      i += 1;
      continue;
    }
    for (const line of linesOf(change.value)) {
      if (change.added) rows.push({ change: "added", left: null, right: line, leftLine: null, rightLine: ++rightLine });
      else if (change.removed) rows.push({ change: "removed", left: line, right: null, leftLine: ++leftLine, rightLine: null });
      else rows.push({ change: "same", left: line, right: line, leftLine: ++leftLine, rightLine: ++rightLine });
    }
  }
  return rows;
}

export interface Fold { fold: number }

// Leaves out what is the same, but for `around` lines beside a change.
export function folded(rows: Row[], around: number): (Row | Fold)[] {
  const near = new Uint8Array(rows.length);
  rows.forEach((row, i) => {
    if (row.change !== "same") near.fill(1, Math.max(0, i - around), i + around + 1);
  });
  const shown: (Row | Fold)[] = [];
  let hidden = 0;
  rows.forEach((row, i) => {
    if (near[i]) {
      if (hidden > 0) shown.push({ fold: hidden });
      hidden = 0;
      shown.push(row);
    } else {
      hidden += 1;
    }
  });
  if (hidden > 0) shown.push({ fold: hidden });
  return shown;
}

const plain = (text: string) => text.replaceAll("\r\n", "\n");

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

// UTF-8 where it is valid, else what Windows programs of the west write.
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
