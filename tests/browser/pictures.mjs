// Makes the pictures of docs/dashboard-pages.md from a real cluster: npm run pictures. ATOZSYNC_BIN is the program,
// OUT (docs/dashboard) the folder. Where optipng is installed, it makes them smaller.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { kinds } from "./practice.mjs";
import { poll, Rig } from "./rig.mjs";

const out = process.env.OUT ?? join(dirname(fileURLToPath(import.meta.url)), "../../docs/dashboard");
mkdirSync(out, { recursive: true });

const loaded = (page) => poll(async () => await page.locator("canvas").count() >= 1 && await page.getByText("Loading …").count() === 0, "pictures");

async function shoot(rig, context, name, hash, prepare = async () => {}, whole = true) {
  await rig.page(hash, async (page) => {
    await prepare(page);
    await page.screenshot({ path: join(out, `${name}.png`), fullPage: whole, animations: "disabled" });
    console.log(name);
  }, context);
}

async function conflicts(rig, context, prefix) {
  const at = async (path) => `conflict/${(await rig.conflictOf(path)).id}`;
  await shoot(rig, context, `${prefix}conflicts`, "conflicts", (page) => page.locator("tbody tr").first().waitFor(), false);
  await shoot(rig, context, `${prefix}conflict`, await at(rig.paths.dcm), loaded);
  await shoot(rig, context, `${prefix}conflict-slider`, await at(rig.paths.jpg), async (page) => {
    await loaded(page);
    await page.getByRole("radio", { name: "Slider" }).check();
  });
  await shoot(rig, context, `${prefix}conflict-text`, await at(rig.paths.txt), async (page) => {
    await page.locator("pre.text").nth(1).waitFor();
    await page.getByRole("radio", { name: "Difference" }).check();
  });
  await shoot(rig, context, `${prefix}many`, "conflicts", async (page) => {
    await page.getByLabel("Patient or file").fill("list");
    await page.getByText("12 conflicts").waitFor();
    await page.getByLabel("Choose all on this page").check();
    await page.getByRole("button", { name: "Use B …" }).click();
    await page.locator("dialog .preview li").first().waitFor();
  }, false);
}

async function others(rig, context, prefix) {
  await shoot(rig, context, `${prefix}history`, "history", async (page) => {
    await page.getByLabel("Patient or file").fill("chen");
    await page.getByRole("button", { name: /\.tif$/ }).click();
    await page.locator(".versions > li").last().getByRole("button", { name: "Look" }).click();
    await loaded(page);
  });
  await shoot(rig, context, `${prefix}held`, "held", (page) => page.locator("tbody tr").first().waitFor());
  await shoot(rig, context, `${prefix}database`, "database", async (page) => {
    await page.getByRole("button", { name: "Compare now" }).click();
    await page.getByText(/files compared/).waitFor();
  });
  await shoot(rig, context, `${prefix}overview`, "overview", (page) => page.getByRole("article", { name: "van-1" }).getByText(/Silent since/).waitFor());
}

const rig = await Rig.start();
try {
  // Files that came to this office and have no row, and files here that never had one.
  for (const name of ["scan 1.png", "scan 2.png", "photo from the phone.png"]) {
    writeFileSync(rig.stage.path(0, rig.paths.dcm.replace(/[^/]+$/, name)), kinds.png[1]);
  }
  for (const [path, patient] of [[rig.paths.png, "new1"], [rig.paths.jpg, "new2"]]) {
    writeFileSync(rig.stage.path(1, path.replace(/[^/]+$/, `${patient}.png`)), kinds.png[1]);
  }
  await poll(async () => JSON.parse((await rig.stage.cmd(0, "held", "list", "--json")).out).length === 2, "two files are held");
  await rig.stage.order("stop", { replica: 2 });
  const light = await rig.open(0, { timezoneId: "America/Chicago" });
  await conflicts(rig, light, "");
  await others(rig, light, "");
  const more = process.env.EVERY ? [320, 1280, 3840] : [];
  for (const width of more) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await rig.open(0, { viewport: { width, height: width > 3000 ? 2160 : 800 }, colorScheme });
      await conflicts(rig, context, `${width}-${colorScheme}-`);
      await others(rig, context, `${width}-${colorScheme}-`);
      await context.close();
    }
  }
  const dark = await rig.open(0, { colorScheme: "dark", timezoneId: "America/Chicago" });
  await shoot(rig, dark, "overview-dark", "overview", (page) => page.getByRole("article", { name: "van-1" }).getByText(/Silent since/).waitFor());
  const phone = await rig.open(0, { viewport: { width: 360, height: 740 }, timezoneId: "America/Chicago" });
  await shoot(rig, phone, "conflict-phone", `conflict/${(await rig.conflictOf(rig.paths.dcm)).id}`, loaded);
} finally {
  await rig.end();
}
const files = readdirSync(out).filter((name) => name.endsWith(".png")).map((name) => join(out, name));
if (spawnSync("optipng", ["-v"]).status === 0) spawnSync("optipng", ["-quiet", "-o2", ...files], { stdio: "inherit" });
