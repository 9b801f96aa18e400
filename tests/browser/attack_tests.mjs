import assert from "node:assert/strict";
import { test } from "node:test";
import { hostile } from "./practice.mjs";
import { poll } from "./rig.mjs";

const names = hostile.map(([path]) => path.slice("Forms/".length));

export function attackTests(at) {
  test("markup in names is text, wherever names are shown", async () => {
    await at.rig.page("conflicts", async (page) => {
      await page.getByLabel("Patient or file").fill("forms/");
      for (const name of names) await page.getByText(name, { exact: true }).waitFor();
      assert.equal(await page.locator("table img, table svg, table script").count(), 0);
    });
    await at.rig.page("history", async (page) => {
      for (const name of names) {
        await page.getByLabel("Patient or file").fill(name);
        await page.getByRole("button", { name, exact: true }).click();
        await page.locator(".versions > li").first().waitFor();
        assert.equal(await page.locator("main img, main svg, main script").count(), 0);
        await page.getByRole("button", { name: "Back to the search" }).click();
      }
    });
  });

  test("pages and drawings with scripts in them are shown as text, and do nothing", async () => {
    for (const [path, bytes] of hostile) {
      await at.rig.conflictPage(path, async (page) => {
        assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), path.slice("Forms/".length));
        const text = page.locator("pre.text").first();
        await poll(async () => (await text.innerText()).includes(bytes.slice(0, 20)), "its source as text");
        assert.equal(await page.locator("main script, main svg, main iframe, main object, main embed").count(), 0);
      });
    }
  });

  test("opened by itself, a version is neither page nor script", async () => {
    for (const [path] of hostile) {
      const { id } = await at.rig.conflictOf(path);
      const answer = await at.rig.context.request.get(`${at.rig.context.base}/v1/conflicts/${id}/content/loser`);
      assert.equal(answer.status(), 200);
      assert.match(answer.headers()["content-type"], /^text\/plain/);
      assert.equal(answer.headers()["x-content-type-options"], "nosniff");
      assert.match(answer.headers()["content-security-policy"], /sandbox/);
    }
  });

  test("the page's policy refuses scripts and styles that are not its own", async () => {
    await at.rig.page("help", async (page) => {
      const ran = await page.evaluate(async () => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        const style = document.createElement("style");
        style.textContent = "h1 { color: rgb(1, 2, 3) !important }";
        document.head.append(style);
        return { ran: window.ran === true, coloured: getComputedStyle(document.querySelector("h1")).color === "rgb(1, 2, 3)" };
      });
      assert.deepEqual(ran, { ran: false, coloured: false });
    });
    // These two were asked for here.
    at.rig.errors = at.rig.errors.filter((error) => !/inline (script|style)/.test(error));
  });
}
