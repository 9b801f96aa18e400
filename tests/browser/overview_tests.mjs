import assert from "node:assert/strict";
import { test } from "node:test";
import { offices } from "./practice.mjs";

export function overviewTests(at) {
  test("without a session the page says how to get one", async () => {
    const context = await at.rig.browser.newContext({ locale: "en-US" });
    const page = await context.newPage();
    await page.goto(at.rig.context.base);
    await page.getByText("atozsync ui", { exact: true }).waitFor();
    assert.equal(await page.getByRole("navigation").count(), 0);
    await context.close();
  });

  test("a token is good once and leaves the address", async () => {
    const url = await at.rig.stage.url();
    const context = await at.rig.browser.newContext({ locale: "en-US" });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.doesNotMatch(page.url(), /token/);
    await context.close();
    const other = await at.rig.browser.newContext({ locale: "en-US" });
    const late = await other.newPage();
    await late.goto(url);
    await late.getByRole("alert").waitFor();
    await late.getByText("You are not signed in").waitFor();
    await other.close();
  });

  test("signing out ends the session", async () => {
    const context = await at.rig.open(0);
    const page = await at.rig.watched(context);
    await page.goto(context.base);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are not signed in").waitFor();
    await page.reload();
    await page.getByText("You are not signed in").waitFor();
    await context.close();
  });

  test("the overview has a card for each office, and what needs attention", async () => {
    await at.rig.page("overview", async (page) => {
      for (const name of offices) await page.getByRole("article", { name }).waitFor();
      await page.getByRole("article", { name: "north-office" }).getByText("In sync").waitFor();
      await page.getByRole("link", { name: /conflicts wait for a decision/ }).waitFor();
      const tile = page.locator(".tile", { hasText: "Conflicts" });
      assert.equal(await tile.locator(".value").innerText(), String(JSON.parse((await at.rig.stage.cmd(0, "status", "--json")).out).conflicts_open));
      await page.locator(".tile", { hasText: "Database" }).getByText("Connected").waitFor();
      await page.getByText(/Measured since|Nothing has been measured yet/).waitFor();
    });
  });

  test("an office that goes is seen without loading anew, and so is its return", async () => {
    await at.rig.page("overview", async (page) => {
      const card = page.getByRole("article", { name: "van-1" });
      await card.getByText("In sync").waitFor();
      await at.rig.stage.order("stop", { replica: 2 });
      await card.getByText(/Silent since/).waitFor();
      await page.getByText("van-1 is not connected.").waitFor();
      await at.rig.stage.order("start", { replica: 2 });
      await card.getByText("In sync").waitFor();
    });
    await at.rig.stage.order("settle");
  });

  test("when the agent ends, old figures are marked as old", async () => {
    const context = await at.rig.open(2);
    await at.rig.page("overview", async (page) => {
      await page.getByRole("article", { name: "van-1" }).waitFor();
      await at.rig.stage.order("stop", { replica: 2 });
      await page.getByRole("alert").getByText(/No connection to the agent/).waitFor();
      await at.rig.stage.order("start", { replica: 2 });
    }, context);
    await context.close();
    await at.rig.stage.order("settle");
  });
}
