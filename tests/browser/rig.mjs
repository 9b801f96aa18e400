// What every browser test uses: the stage, one browser, signed-in pages, and waiting for files.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { launch } from "./browser.mjs";
import { addJpeg, makeConflicts, plan } from "./practice.mjs";
import { Stage } from "./stage.mjs";

const DEADLINE_MS = 60_000;

// The first true value of `condition()`.
export async function poll(condition, what) {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export class Rig {
  errors = [];  // what the pages complained of, and what they asked for elsewhere

  static async start() {
    const rig = new Rig();
    rig.browser = await launch();
    try {
      const blank = await rig.browser.newPage();
      await addJpeg(blank);
      await blank.close();
      rig.stage = await Stage.start(plan());
      rig.paths = await makeConflicts(rig.stage);
      rig.context = await rig.open(0);
    } catch (error) {
      await rig.end();
      throw error;
    }
    return rig;
  }

  // A browser of its own, signed in at a replica.
  async open(replica, options = {}) {
    const context = await this.browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(DEADLINE_MS);
    const page = await this.watched(context);
    const url = await this.stage.url(replica);
    context.base = new URL(url).origin;
    await page.goto(url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.close();
    return context;
  }

  async watched(context) {
    const page = await context.newPage();
    page.on("pageerror", (error) => this.errors.push(`page: ${error.message}`));
    page.on("console", (message) => {
      // Failed requests are looked for by their own tests.
      if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text())) this.errors.push(message.text());
    });
    page.on("dialog", (dialog) => {
      this.errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["127.0.0.1", "localhost"].includes(url.hostname) && !["blob:", "data:"].includes(url.protocol)) this.errors.push(`asked for ${url}`);
    });
    return page;
  }

  // Calls `use(page)` with a page of the dashboard, and closes it.
  async page(hash, use, context = this.context) {
    const page = await this.watched(context);
    try {
      await page.goto(`${context.base}/#/${hash}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      return await use(page);
    } finally {
      await page.close();
    }
  }

  async conflictOf(path) {
    const found = JSON.parse((await this.stage.cmd(0, "conflicts", "list", "--json")).out).find((one) => one.path === path);
    assert.ok(found, `${path} is no conflict`);
    return found;
  }

  conflictPage = async (path, use, context) => this.page(`conflict/${(await this.conflictOf(path)).id}`, use, context);

  // What the folder of a replica has, null when it has not.
  read(replica, path) {
    const full = this.stage.path(replica, path);
    return existsSync(full) ? readFileSync(full) : null;
  }

  // Waits until every replica has these bytes (null: no file) at a path.
  async everywhere(path, bytes) {
    for (let i = 0; i < this.stage.replicas.length; i += 1) {
      await poll(() => {
        const there = this.read(i, path);
        return bytes === null ? there === null : there?.equals(Buffer.from(bytes));
      }, `${path} at ${this.stage.replicas[i].name}`);
    }
  }

  async end() {
    await this.stage?.end();
    await this.browser?.close();
  }
}
