// What the list shows. Kept while the page is open, in memory alone: it may hold a patient's name.
import type { ConflictQuery } from "../types";

export const everything: ConflictQuery = {
  state: "open", kind: "", office: "", text: "", from: "", to: "", sort: "detected", descending: true, offset: 0, limit: 50,
};

export const listed: { query: ConflictQuery; ids: string[] } = { query: everything, ids: [] };

export type Age = "" | "1" | "7" | "30" | "older";

// Bounds of the time of detection for "not older than so many days", or older than 30.
export function bounds(age: Age, nowMs: number): { from: string; to: string } {
  if (age === "") return { from: "", to: "" };
  const time = (days: number) => new Date(nowMs - days * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
  return age === "older" ? { from: "", to: time(30) } : { from: time(Number(age)), to: "" };
}
