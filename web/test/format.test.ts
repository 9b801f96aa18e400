import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, day, duration, moment, parts } from "../src/pure/format";

test("sizes in the largest unit that is not below one", () => {
  assert.equal(bytes(0, "en"), "0 B");
  assert.equal(bytes(999, "en"), "999 B");
  assert.equal(bytes(1000, "en"), "1 KB");
  assert.equal(bytes(48_200_000, "en"), "48.2 MB");
  assert.equal(bytes(48_200_000, "de"), "48,2 MB");
  assert.equal(bytes(3_812_345_678, "en"), "3.81 GB");
  assert.equal(bytes(5e15, "en"), "5,000 TB");
});

test("durations in whole units", () => {
  assert.equal(duration(0, "en"), "0 seconds");
  assert.equal(duration(59, "en"), "59 seconds");
  assert.equal(duration(60, "en"), "1 minute");
  assert.equal(duration(3 * 3600 + 3599, "en"), "3 hours");
  assert.equal(duration(86_400, "de"), "1 Tag");
  assert.equal(duration(-5, "en"), "0 seconds");
});

test("how long ago, and the future is now", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  assert.equal(ago("2026-01-01T23:59:30Z", now, "en"), "30 seconds ago");
  assert.equal(ago("2026-01-01T21:00:00Z", now, "en"), "3 hours ago");
  assert.equal(ago("2026-01-01T00:00:00Z", now, "en"), "yesterday");
  assert.equal(ago("2026-01-02T00:05:00Z", now, "en"), "now");
  assert.equal(ago("2026-01-01T21:00:00Z", now, "de"), "vor 3 Stunden");
});

test("moments in the reader's zone, and what is no time as it is", () => {
  assert.match(moment("2026-01-02T10:04:05Z", "en-GB", "UTC"), /2 Jan 2026.*10:04/);
  assert.equal(moment("never", "en"), "never");
});

test("a date without time does not move with the zone", () => {
  assert.equal(day("2024-05-03", "en-US"), "May 3, 2024");
  assert.equal(day("0001-01-01", "en-US"), "");
  assert.equal(day("", "en"), "");
});

test("the patient is the folder below a letter", () => {
  assert.deepEqual(parts("S/SmithJohn12/a.jpg"), { folder: "S/SmithJohn12", file: "a.jpg", patient: "SmithJohn12" });
  assert.equal(parts("É/ÉtienneA1/x/y.pdf").patient, "ÉtienneA1");
  assert.equal(parts("EOBs/2024/x.pdf").patient, null);
  assert.deepEqual(parts("top.txt"), { folder: "", file: "top.txt", patient: null });
});
