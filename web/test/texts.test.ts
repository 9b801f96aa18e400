import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chooseLanguage, fill } from "../src/i18n";
import { de } from "../src/texts/de";
import { en } from "../src/texts/en";

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort().join();

test("both languages have the same keys", () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
});

test("a text has the same blanks in both languages", () => {
  for (const [key, text] of Object.entries(en)) {
    assert.equal(places(de[key as keyof typeof en]), places(text), key);
  }
});

test("no text is empty, and none is English left in German", () => {
  for (const [key, text] of Object.entries(de)) {
    assert.notEqual(text.trim(), "", key);
    const same = text === en[key as keyof typeof en];
    assert.ok(!same || text.split(" ").length < 3, `${key}: ${text}`);
  }
});

test("what depends on a number has both forms", () => {
  for (const key of Object.keys(en)) {
    if (key.endsWith(".one")) assert.ok(key.replace(/\.one$/, ".other") in en, key);
  }
});

function sources(folder: string): string {
  return readdirSync(folder).map((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "texts" ? "" : sources(path);
    return readFileSync(path, "utf8");
  }).join("\n");
}

test("every text is used", () => {
  const all = sources("src");
  // Keys that are put together from what the agent says.
  const made = [
    "kind.", "kind.what.", "state.", "state.what.", "effect.", "effect.total.", "agent.state.", "database.state.", "needs.", "history.why.",
    "held.kind.", "held.release", "held.revert", "finding.", "finding.where.", "compare.", "side.", "filter.", "decision.", "bulk.title.", "bulk.what.",
  ];
  for (const key of Object.keys(en)) {
    const stem = key.replace(/\.(one|other)$/, "");
    assert.ok(all.includes(`"${stem}"`) || made.some((prefix) => stem.startsWith(prefix)), `${key} is used nowhere`);
  }
});

test("blanks are filled with text, and unknown ones stay", () => {
  assert.equal(fill("{a} of {b} {c}", { a: 1, b: "<b>" }), "1 of <b> {c}");
  assert.equal(fill("{a}", { a: "$& {a}" }), "$& {a}");
});

test("the language is the one that was chosen, else the browser's, else English", () => {
  assert.equal(chooseLanguage("de", ["en-US"]), "de");
  assert.equal(chooseLanguage(null, ["fr", "de-AT", "en"]), "de");
  assert.equal(chooseLanguage(null, ["en-GB", "de"]), "en");
  assert.equal(chooseLanguage("xx", ["fr"]), "en");
});
