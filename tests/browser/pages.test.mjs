// The dashboard in a real browser, before real agents with databases. The tests go one after the other through
// one practice; each decides about files of its own.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { accessTests } from "./access_tests.mjs";
import { attackTests } from "./attack_tests.mjs";
import { decideTests } from "./decide_tests.mjs";
import { fileTests } from "./file_tests.mjs";
import { overviewTests } from "./overview_tests.mjs";
import { Rig } from "./rig.mjs";
import { viewerTests } from "./viewer_tests.mjs";

describe("dashboard", () => {
  const at = {};
  before(async () => { at.rig = await Rig.start(); });
  after(async () => {
    await at.rig?.end();
    // Scripts that were refused, requests to elsewhere, exceptions: none, in all of the tests.
    assert.deepEqual(at.rig?.errors, []);
  });
  overviewTests(at);
  viewerTests(at);
  accessTests(at);
  attackTests(at);
  decideTests(at);
  fileTests(at);
});
