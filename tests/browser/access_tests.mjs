import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Every page, in a state that shows what it has.
async function eachPage(rig, context, look) {
  const conflict = async (path) => `conflict/${(await rig.conflictOf(path)).id}`;
  const places = {
    overview: "overview", conflicts: "conflicts", held: "held", history: "history", database: "database", help: "help",
    picture: await conflict(rig.paths.dcm), text: await conflict(rig.paths.txt), deleted: await conflict("Forms/gone.txt"),
  };
  for (const [name, hash] of Object.entries(places)) {
    await rig.page(hash, async (page) => {
      if (name === "overview") await page.getByRole("article", { name: "van-1" }).waitFor();
      if (name === "conflicts") await page.locator("tbody .pick input").first().check();
      if (name === "picture") await page.locator(".panes canvas").nth(1).waitFor();
      if (name === "text") {
        await page.locator("pre.text").nth(1).waitFor();
        await page.locator(".segments label").last().click();
      }
      if (name === "history") {
        await page.getByRole("searchbox").fill("chen");
        await page.locator("tbody tr").first().waitFor();
      }
      await look(page, name);
      if (name === "history") {
        await page.locator("tbody button").first().click();
        await page.locator(".versions > li").first().waitFor();
        await look(page, "versions");
      }
      if (name === "conflicts") {
        await page.locator(".bulk-actions button").first().click();
        await page.locator("dialog .preview li").first().waitFor();
        await look(page, "question");
      }
    }, context);
  }
}

// Of another scheme only the colours are others.
const rules = {
  light: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  dark: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

async function findings(page, scheme) {
  // By the debugger's way in: the page's own policy refuses scripts that are not its own.
  await page.evaluate(axe);
  const found = await page.evaluate((runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"] }), rules[scheme]);
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
}

export function accessTests(at) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing on any page, ${colorScheme}`, async () => {
      const context = await at.rig.open(0, { colorScheme });
      const all = {};
      await eachPage(at.rig, context, async (page, name) => {
        const found = await findings(page, colorScheme);
        if (found.length > 0) all[name] = found;
      });
      await context.close();
      assert.deepEqual(all, {});
    });
  }

  test("320 points are enough: nothing has to be moved sideways", async () => {
    const context = await at.rig.open(0, { viewport: { width: 320, height: 640 } });
    const wide = [];
    await eachPage(at.rig, context, async (page, name) => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) wide.push(`${name}: ${over}`);
    });
    await context.close();
    assert.deepEqual(wide, []);
  });

  test("German by the browser's wish or by choice, and it stays chosen", async () => {
    const german = await at.rig.open(0, { locale: "de-AT" });
    await at.rig.page("overview", async (page) => {
      await page.getByRole("heading", { name: "Übersicht" }).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    }, german);
    await german.close();
    const context = await at.rig.open(0);
    await at.rig.page("conflicts", async (page) => {
      await page.getByRole("heading", { name: "Conflicts" }).waitFor();
      await page.getByLabel("Language").selectOption("de");
      await page.getByRole("heading", { name: "Konflikte" }).waitFor();
      assert.match(await page.title(), /^Konflikte/);
      await page.reload();
      await page.getByRole("heading", { name: "Konflikte" }).waitFor();
      await page.getByLabel("Sprache").selectOption("en");
      await page.getByRole("heading", { name: "Conflicts" }).waitFor();
    }, context);
    await context.close();
  });

  test("what is focused is seen", async () => {
    await at.rig.page("conflicts", async (page) => {
      await page.locator("tbody tr").first().waitFor();
      const invisible = [];
      for (let i = 0; i < 25; i += 1) {
        await page.keyboard.press("Tab");
        const seen = await page.evaluate(() => {
          const one = document.activeElement;
          const drawn = one.type === "radio" ? one.nextElementSibling : one;
          const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
          return { what: one.outerHTML.slice(0, 80), ok: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
        });
        if (!seen.ok) invisible.push(seen.what);
      }
      assert.deepEqual(invisible, []);
    });
  });

  test("on paper there are the facts and no buttons", async () => {
    await at.rig.conflictPage(at.rig.paths.dcm, async (page) => {
      await page.locator(".panes canvas").nth(1).waitFor();
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.getByRole("button", { name: "Keep A" }).isVisible(), false);
      assert.equal(await page.locator(".panes canvas").first().isVisible(), true);
      assert.equal(await page.getByRole("heading", { level: 1 }).isVisible(), true);
    });
  });
}
