import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { kinds } from "./practice.mjs";
import { poll } from "./rig.mjs";

export function fileTests(at) {
  test("history: a version is found, looked at, taken out and put back", async () => {
    const path = at.rig.paths.tif;
    const now = at.rig.read(0, path);
    const before = kinds.tif.slice(1).find((one) => !one.equals(now));
    await at.rig.page("history", async (page) => {
      await page.getByLabel("Patient or file").fill("chen");
      await page.getByRole("button", { name: /\.tif$/ }).click();
      assert.doesNotMatch(page.url() + await page.title(), /chen/i);
      const oldest = page.locator(".versions > li", { hasText: "Was replaced" }).last();
      await oldest.getByRole("button", { name: "Look" }).click();
      await oldest.locator("canvas").waitFor();
      const [file] = await Promise.all([page.waitForEvent("download"), oldest.getByRole("button", { name: "Download" }).click()]);
      assert.deepEqual(readFileSync(await file.path()), before);
      await oldest.getByRole("button", { name: "Put it back" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
      assert.deepEqual(at.rig.read(0, path), now);
      await oldest.getByRole("button", { name: "Put it back" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Put it back" }).click();
      await page.getByText("The version is in the folder again.").waitFor();
    });
    await at.rig.everywhere(path, before);
  });

  test("held files: why, since when; let go on, one appears", async () => {
    await at.rig.stage.order("hold_rows", { replica: 1 });
    const bytes = kinds.png[1];
    const { path } = await at.rig.stage.order("import", { patient: 0, extension: ".png", description: "Late row", file: at.rig.stage.file(bytes) });
    const context = await at.rig.open(1);
    await at.rig.page("held", async (page) => {
      const row = page.locator("tbody tr", { hasText: path.split("/").pop() });
      await row.getByText("Waits for its row in the database").waitFor();
      assert.equal(await row.getByRole("button", { name: "Take it back" }).count(), 0);
      assert.equal(at.rig.read(1, path), null);
      await row.getByRole("button", { name: "Let it go on" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/before its row is here/).waitFor();
      await dialog.getByRole("button", { name: "Let it go on" }).click();
      await page.getByText("It goes on.").waitFor();
      await poll(() => at.rig.read(1, path)?.equals(bytes), "the file appears");
      await page.getByText("Nothing is held.").waitFor();
    }, context);
    await context.close();
    await at.rig.stage.order("release_rows", { replica: 1 });
    await at.rig.stage.order("settle");
  });

  test("database report: findings while it runs, filter, order, CSV", async () => {
    const folder = dirname(at.rig.paths.dcm);
    for (const name of ["scan 1.png", "scan 2.png"]) writeFileSync(at.rig.stage.path(0, `${folder}/${name}`), kinds.png[1]);
    await poll(async () => (await at.rig.stage.cmd(0, "history", `${folder}/scan 2.png`, "--json")).rc === 0, "the agent knows both files");
    await at.rig.page("database", async (page) => {
      await page.getByRole("button", { name: "Compare now" }).click();
      await page.getByText(/rows and .* files compared/).waitFor();
      await page.getByLabel("Patient or file").waitFor();
      const rows = page.locator("tbody tr");
      const all = await rows.count();
      assert.ok(all >= 2);
      await page.getByRole("combobox", { name: "Finding", exact: true }).selectOption("orphan");
      const files = await page.locator("tbody .file").allInnerTexts();
      assert.deepEqual(files, ["scan 1.png", "scan 2.png"]);
      await page.getByRole("button", { name: /^File/ }).click();
      assert.equal(await page.locator("th[aria-sort]").getAttribute("aria-sort"), "descending");
      assert.deepEqual(await page.locator("tbody .file").allInnerTexts(), [...files].reverse());
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as CSV" }).click()]);
      const lines = readFileSync(await file.path(), "utf8").trim().split("\r\n");
      assert.equal(lines[0], "kind,table,key,pat_num,path,found_at,where,from,text");
      assert.equal(lines.length - 1, files.length);
      await page.getByLabel("Patient or file").fill("no such file");
      await page.getByText("0 lines").waitFor();
    });
  });
}
