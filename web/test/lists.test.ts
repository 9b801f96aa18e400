import assert from "node:assert/strict";
import { test } from "node:test";
import { bounds } from "../src/pages/conflict_query";
import { cell, csv } from "../src/pure/csv";
import { arranged } from "../src/pure/findings";
import { slots, steps } from "../src/pure/strips";
import { decodeText, diffRows, folded } from "../src/pure/text_diff";
import { parseRoute } from "../src/router";
import type { Finding } from "../src/types";

test("CSV quotes, and formulas are text", () => {
  assert.equal(cell('a"b'), '"a""b"');
  assert.equal(cell("x,y"), '"x,y"');
  assert.equal(cell("=1+1"), "'=1+1");
  assert.equal(cell("-2"), "'-2");
  assert.equal(cell(null), "");
  assert.equal(csv(["a", "b"], [{ a: 1, b: "=x\n" }]), 'a,b\r\n1,"\'=x\n"\r\n');
});

test("a difference line by line", () => {
  const rows = diffRows("a\nb\nc\n", "a\nB\nc\nd\n")!;
  assert.deepEqual(rows.map((row) => row.change), ["same", "changed", "same", "added"]);
  assert.deepEqual([rows[1]!.left, rows[1]!.right, rows[3]!.rightLine], ["b", "B", 4]);
  assert.deepEqual(diffRows("a\r\nb", "a\nb")!.map((row) => row.change), ["same", "same"]);
  assert.deepEqual(diffRows("", ""), []);
});

test("texts that have nothing in common are not compared for ever", () => {
  const lines = (word: string) => Array.from({ length: 30_000 }, (_, i) => `${word}${i}`).join("\n");
  assert.equal(diffRows(lines("a"), lines("b")), null);
});

test("what is the same is folded away from changes", () => {
  const text = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const other = [...text];
  other[10] = "changed";
  const shown = folded(diffRows(text.join("\n"), other.join("\n"))!, 2);
  assert.deepEqual(shown.map((row) => ("fold" in row ? row.fold : row.left)), [8, "line 8", "line 9", "line 10", "line 11", "line 12", 7]);
});

test("text in UTF-8, in UTF-16 and in what Windows wrote", () => {
  assert.equal(decodeText(new TextEncoder().encode("Zähne")), "Zähne");
  assert.equal(decodeText(Uint8Array.from([0x5a, 0xe4, 0x68])), "Zäh");
  assert.equal(decodeText(Uint8Array.from([0xff, 0xfe, 0x41, 0x00])), "A");
});

test("findings: filter, then sort, empty last", () => {
  const one = (kind: string, path: string | null, pat_num: number | null) => ({ kind, path, pat_num, table: null, key: null, found_at: null, where: null, from: null, text: null }) as Finding;
  const all = [one("missing", "B/b", 2), one("orphan", null, null), one("missing", "A/a", 10)];
  const sorting = { column: "pat_num", descending: false } as const;
  assert.deepEqual(arranged(all, { kind: "", text: "", sorting }).map((found) => found.pat_num), [2, 10, null]);
  assert.deepEqual(arranged(all, { kind: "missing", text: "B/", sorting }).map((found) => found.path), ["B/b"]);
  assert.deepEqual(all[0]!.path, "B/b", "the list itself is left as it was");
});

test("a day has a slot for every step, and nothing where nothing was measured", () => {
  const end = Date.parse("2026-01-02T00:00:00Z");
  const sample = (t: string, sent_bytes: number) => ({ t, sent_bytes, received_bytes: 0, waiting_files: 0 });
  const values = slots({ step_s: 300, samples: [sample("2026-01-01T23:55:00Z", 5), sample("2026-01-02T00:00:00Z", 7), sample("2025-12-30T00:00:00Z", 9)] }, end, (one) => one.sent_bytes);
  assert.equal(values.length, 288);
  assert.deepEqual(values.slice(-3), [null, 5, 7]);
  assert.equal(values[0], null);
  assert.equal(steps([null, 0, 10, 5], 10, 8, 50), "M4.00 50v-50.00h2.00v50.00zM6.00 50v-25.00h2.00v25.00z");
  assert.equal(steps([0, 0], 0, 8, 50), "");
});

test("addresses carry ids and nothing else", () => {
  assert.deepEqual(parseRoute("#/conflict/0a1b"), { page: "conflict", id: "0a1b" });
  assert.deepEqual(parseRoute("#/held"), { page: "held", id: "" });
  for (const hash of ["", "#/", "#/nothing", "#/conflict/", "#/conflict/../x", "#/history/S/Smith", "#token=x"]) {
    assert.equal(parseRoute(hash).page, "overview", hash);
  }
});

test("ages as bounds in time", () => {
  const now = Date.parse("2026-02-01T12:00:00Z");
  assert.deepEqual(bounds("", now), { from: "", to: "" });
  assert.deepEqual(bounds("7", now), { from: "2026-01-25T12:00:00Z", to: "" });
  assert.deepEqual(bounds("older", now), { from: "", to: "2026-01-02T12:00:00Z" });
});
