import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { bulkPaths, kinds } from "./practice.mjs";
import { poll } from "./rig.mjs";

const stateOf = async (rig, path) => (await rig.conflictOf(path)).state;

// Contents of both sides as the folder and the stage have them.
function sidesOf(rig, path, pair) {
  const winner = rig.read(0, path);
  const [a, b] = pair.map((one) => Buffer.from(one));
  return winner.equals(a) ? { winner: a, loser: b } : { winner: b, loser: a };
}

export function decideTests(at) {
  test("the list is filtered by text, kind and state; neither address nor title has the text", async () => {
    await at.rig.page("conflicts", async (page) => {
      const rows = page.locator("table.list tbody tr");
      await page.getByLabel("Patient or file").fill("list 0");
      await poll(async () => await rows.count() === 9, "nine of the lists");
      await page.getByLabel("Patient or file").fill("ABBOTT");
      await poll(async () => await rows.count() === 1, "found whatever the letters' case");
      assert.doesNotMatch(page.url() + await page.title(), /abbott/i);
      await page.getByLabel("Patient or file").fill("");
      await page.getByRole("combobox", { name: "What happened", exact: true }).selectOption("edit-delete");
      await poll(async () => await rows.count() === 1, "the one that was deleted");
      await page.getByRole("combobox", { name: "What happened", exact: true }).selectOption("");
      await page.getByRole("radio", { name: "Decided" }).check();
      await page.getByText("Nothing matches.").waitFor();
      await page.getByRole("radio", { name: "Open" }).check();
      await page.getByRole("combobox", { name: "Office", exact: true }).selectOption("van-1");
      await page.getByText("Nothing matches.").waitFor();
    });
  });

  test("use B: the other version stands at every office; undo: the first again", async () => {
    const path = at.rig.paths.png;
    const { winner, loser } = sidesOf(at.rig, path, kinds.png.slice(1));
    await at.rig.conflictPage(path, async (page) => {
      await page.getByText(/is replaced, at every office/).waitFor();
      await page.getByRole("button", { name: "Use B" }).click();
      await page.getByText("1 conflict decided.").waitFor();
      await page.getByRole("heading", { name: "Decided: B was taken" }).waitFor();
      await at.rig.everywhere(path, loser);
      assert.equal(await stateOf(at.rig, path), "kept-loser");
      await page.locator(".notice").getByRole("button", { name: "Undo" }).click();
      await page.getByText(/Undone/).waitFor();
      await at.rig.everywhere(path, winner);
      await page.getByRole("button", { name: "Use B" }).waitFor();
      assert.equal(await stateOf(at.rig, path), "open");
    });
  });

  test("keep A: nothing changes in the folder, and the next conflict is offered", async () => {
    const path = at.rig.paths.bmp;
    const { winner } = sidesOf(at.rig, path, kinds.bmp.slice(1));
    await at.rig.conflictPage(path, async (page) => {
      await page.getByRole("button", { name: "Keep A" }).click();
      await page.getByRole("heading", { name: "Decided: A stays" }).waitFor();
      const before = page.url();
      await page.locator(".decided").getByRole("link", { name: "Next conflict" }).click();
      await page.getByRole("heading", { name: "Which one shall it be?" }).waitFor();
      assert.notEqual(page.url(), before);
    });
    await at.rig.everywhere(path, winner);
    assert.equal(await stateOf(at.rig, path), "kept-winner");
  });

  test("keep both: a second file at every office", async () => {
    const { winner, loser } = sidesOf(at.rig, "Forms/both.txt", ["both first", "both second"]);
    let added = "";
    await at.rig.conflictPage("Forms/both.txt", async (page) => {
      const said = await page.locator(".choice.both .effects").getByText(/is added, at every office/).innerText();
      added = said.replace(/ is added.*/, "");
      await page.getByRole("button", { name: "Keep both" }).click();
      await page.getByRole("heading", { name: "Decided: both kept" }).waitFor();
    });
    await at.rig.everywhere("Forms/both.txt", winner);
    await at.rig.everywhere(`Forms/${added}`, loser);
    assert.ok(readdirSync(at.rig.stage.path(2, "Forms")).includes(added));
  });

  test("many at once: seen before, carried out, taken back", async () => {
    const before = bulkPaths.map((path) => at.rig.read(0, path));
    const after = bulkPaths.map((path, i) => Buffer.from(before[i].toString().startsWith("first") ? `second ${path}` : `first ${path}`));
    await at.rig.page("conflicts", async (page) => {
      await page.getByLabel("Patient or file").fill("forms/list");
      await page.getByText("12 conflicts").waitFor();
      await page.getByLabel("Choose all on this page").check();
      await page.getByText("12 chosen").waitFor();
      await page.getByRole("button", { name: "Use B …" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("is replaced, at every office").first().waitFor();
      assert.equal(await dialog.locator(".preview > li").count(), 12);
      await dialog.getByRole("button", { name: "Cancel" }).click();
      assert.deepEqual(bulkPaths.map((path) => at.rig.read(0, path)), before);
      await page.getByRole("button", { name: "Use B …" }).click();
      await dialog.getByRole("button", { name: "Decide 12" }).click();
      await page.getByText("12 conflicts decided.").waitFor();
      await page.getByText("Nothing matches.").waitFor();
      for (const [i, path] of bulkPaths.entries()) await at.rig.everywhere(path, after[i]);
      await page.locator(".notice").getByRole("button", { name: "Undo" }).click();
      await page.getByText("Undone: 12 files are as they were.").waitFor();
      for (const [i, path] of bulkPaths.entries()) await at.rig.everywhere(path, before[i]);
      await page.getByText("12 conflicts", { exact: true }).waitFor();
    });
  });

  test("by keyboard alone: to a conflict, to its button, decided, taken back", async () => {
    const path = "Forms/keys.txt";
    const { winner, loser } = sidesOf(at.rig, path, ["keys first", "keys second"]);
    await at.rig.page("overview", async (page) => {
      const tabTo = async (name, tag = "") => {
        for (let i = 0; i < 80; i += 1) {
          await page.keyboard.press("Tab");
          const focused = await page.evaluate(() => {
            const one = document.activeElement;
            return { tag: one.tagName, text: `${one.labels?.[0]?.innerText ?? ""} ${one.innerText ?? ""}` };
          });
          if (focused.text.includes(name) && focused.tag.startsWith(tag)) return;
        }
        assert.fail(`Tab does not lead to ${name}`);
      };
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
      await tabTo("Conflicts");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Conflicts" }).waitFor();
      await tabTo("Patient or file");
      await page.keyboard.type("keys");
      await page.getByText("1 conflict", { exact: true }).waitFor();
      await tabTo("keys.txt", "A");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Use B" }).waitFor();
      // The key leads to the button and does not decide.
      await page.keyboard.press("2");
      assert.equal(await page.evaluate(() => document.activeElement.innerText), "Use B");
      assert.equal(await stateOf(at.rig, path), "open");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Decided: B was taken" }).waitFor();
      await at.rig.everywhere(path, loser);
      await tabTo("Undo");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Use B" }).waitFor();
      await at.rig.everywhere(path, winner);
      // Switched off, a key is only a key.
      await page.goto(`${at.rig.context.base}/#/help`);
      await page.getByLabel("Single keys are on").uncheck();
      await page.goBack();
      await page.getByRole("button", { name: "Use B" }).waitFor();
      await page.keyboard.press("2");
      assert.notEqual(await page.evaluate(() => document.activeElement.innerText), "Use B");
      await page.evaluate(() => localStorage.clear());
    });
  });
}
