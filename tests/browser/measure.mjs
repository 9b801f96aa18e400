// How quick the list of conflicts is with many of them: node measure.mjs [COUNT] [ROUNDS]. Two real agents make them
// (ATOZSYNC_BIN); times are the browser's own (performance.now() from the event to the frame after the new list
// is drawn, and the entries of its resource timing for what the agent took).
import { launch } from "./browser.mjs";
import { Stage } from "./stage.mjs";

const count = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 7);

const paths = Array.from({ length: count }, (_, i) => `Forms/set ${Math.floor(i / 100)}/form ${i}.txt`);
const stage = await Stage.start({ replicas: ["main-office", "north-office"], files: paths.map((path) => [path, Buffer.from("before")]) });
const browser = await launch();
try {
  const first = Buffer.from("first");
  const second = Buffer.from("second");
  await stage.conflicts(paths.map((path) => [path, first, second]));
  const page = await browser.newPage({ locale: "en-US", viewport: { width: 1280, height: 800 } });
  await page.goto(await stage.url());
  await page.locator("h1").waitFor();

  // In the page: does something, waits until the list is another one, gives both times.
  await page.addInitScript(() => {
    window.timed = async (act) => {
      const shown = () => document.querySelector("table.list tbody")?.innerText ?? "";
      const before = shown();
      performance.clearResourceTimings();
      const began = performance.now();
      act();
      while (shown() === before || shown() === "") await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const total_ms = performance.now() - began;
      const asked = performance.getEntriesByType("resource").filter((one) => one.name.endsWith("/v1/conflicts/query")).pop();
      return { total_ms, agent_ms: asked ? asked.responseEnd - asked.requestStart : 0 };
    };
  });
  await page.reload();
  await page.locator("h1").waitFor();
  const button = (name) => `[...document.querySelectorAll(".pager button")].find((one) => one.innerText === ${JSON.stringify(name)}).click()`;
  const type = (text) => `(() => { const field = document.querySelector("input[type=search]"); field.value = ${JSON.stringify(text)}; field.dispatchEvent(new Event("input", { bubbles: true })); })()`;
  const steps = [
    ["open the page", `location.hash = "#/conflicts"`],
    ["next page", button("Next")],
    ["last page", button("Last")],
    ["sort by file", `document.querySelector(".sort").click()`],
    ["find a file (250 ms of waiting for more keys in it)", type("form 77")],
    ["all again (250 ms in it)", type("")],
  ];
  const found = new Map(steps.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    await page.evaluate(`location.hash = "#/help"`);
    await page.getByRole("heading", { name: "Help" }).waitFor();
    for (const [name, act] of steps) found.get(name).push(await page.evaluate(`window.timed(() => { ${act} })`));
    await page.getByRole("columnheader", { name: "When" }).getByRole("button").click();  // as it was at first
  }
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const open = JSON.parse((await stage.cmd(0, "status", "--json")).out).conflicts_open;
  console.log(`${open} conflicts, real agents, ${rounds} rounds, medians in ms\n`);
  console.log("step".padEnd(54), "until drawn", "agent");
  for (const [name, times] of found) {
    console.log(name.padEnd(54), median(times.map((one) => one.total_ms)).toFixed(0).padStart(11), median(times.map((one) => one.agent_ms)).toFixed(0).padStart(5));
  }
} finally {
  await browser.close();
  await stage.end();
}
