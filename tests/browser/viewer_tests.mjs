import assert from "node:assert/strict";
import { test } from "node:test";
import { poll } from "./rig.mjs";

// Mean and spread of the shades that a canvas shows.
const shades = (canvas) => canvas.evaluate((one) => {
  const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += data[i];
    squares += data[i] * data[i];
  }
  const count = data.length / 4;
  return { width: one.width, height: one.height, mean: sum / count, spread: Math.sqrt(squares / count - (sum / count) ** 2) };
});

export function viewerTests(at) {

  for (const kind of ["png", "jpg", "bmp", "tif", "dcm", "pdf"]) {
    test(`${kind}: both versions are shown, and they differ`, async () => {
      await at.rig.conflictPage(at.rig.paths[kind], async (page) => {
        const canvases = page.locator(".panes canvas");
        await poll(async () => await canvases.count() === 2, "two pictures");
        const both = [await shades(canvases.nth(0)), await shades(canvases.nth(1))];
        for (const one of both) assert.ok(one.spread > 5, JSON.stringify(one));
        if (kind !== "pdf") assert.deepEqual([both[0].width, both[0].height], [720, 540]);
        assert.notEqual(both[0].mean, both[1].mean);
        await page.getByRole("radio", { name: "Difference" }).check();
        await page.getByText(/of the picture differ/).waitFor();
      });
    });
  }

  test("the database says whose document it is", async () => {
    await at.rig.conflictPage(at.rig.paths.png, async (page) => {
      const facts = page.locator(".row-facts");
      await facts.getByText(/Abbott/).waitFor();
      await facts.getByText("Bitewing right").waitFor();
      assert.doesNotMatch(await page.title(), /Abbott/);
      assert.doesNotMatch(page.url(), /Abbott/);
    });
  });

  test("pages of a document and of a TIFF are turned", async () => {
    for (const kind of ["pdf", "tif"]) {
      await at.rig.conflictPage(at.rig.paths[kind], async (page) => {
        await page.getByText("Page 1 of 2").waitFor();
        await poll(async () => await page.locator(".panes canvas").count() === 2, "two pictures");
        const first = (await shades(page.locator(".panes canvas").first())).mean;
        await page.getByRole("button", { name: "Next page" }).click();
        await page.getByText("Page 2 of 2").waitFor();
        await poll(async () => (await shades(page.locator(".panes canvas").first())).mean !== first, "another page");
      });
    }
  });

  test("the shades of a DICOM picture are set, and set back", async () => {
    await at.rig.conflictPage(at.rig.paths.dcm, async (page) => {
      await poll(async () => await page.locator(".panes canvas").count() === 2, "two pictures");
      await page.getByText(/patient in the file: Sample Sandra/).first().waitFor();
      const canvas = page.locator(".panes canvas").first();
      const plain = (await shades(canvas)).mean;
      await page.getByLabel("Middle").fill("600");
      await poll(async () => (await shades(canvas)).mean > plain + 10, "brighter");
      await page.getByRole("button", { name: "As in the file" }).click();
      await poll(async () => Math.abs((await shades(canvas)).mean - plain) < 0.5, "as before");
    });
  });

  test("slider and blinking show one version over the other", async () => {
    await at.rig.conflictPage(at.rig.paths.png, async (page) => {
      await page.getByRole("radio", { name: "Slider" }).check();
      const line = page.getByRole("slider");
      await line.fill("25");
      assert.equal(await page.locator(".stack .upper").evaluate((one) => one.style.clipPath), "inset(0px 0px 0px 25%)");
      await page.getByRole("radio", { name: "Blink" }).check();
      const picture = page.locator(".stack canvas");
      const first = (await shades(picture)).mean;
      await page.getByRole("button", { name: "Show B" }).click();
      await poll(async () => (await shades(picture)).mean !== first, "the other version");
    });
  });

  test("two texts: the line that differs is marked, and said", async () => {
    await at.rig.conflictPage(at.rig.paths.txt, async (page) => {
      await page.locator("pre.text").first().getByText(/prefers/).waitFor();
      await page.getByRole("radio", { name: "Difference" }).check();
      await page.getByText("1 line differs.").waitFor();
      const row = page.locator("tr.changed");
      assert.match(await row.innerText(), /afternoons[\s\S]*mornings|mornings[\s\S]*afternoons/);
      assert.equal(await row.getByText("only in A:").count(), 1);
    });
  });

  test("a damaged picture is said to be one; a deleted version has nothing to show", async () => {
    await at.rig.conflictPage("Forms/damaged.png", async (page) => {
      await page.getByText(/cannot be shown/).first().waitFor();
      await page.getByRole("button", { name: "Keep A" }).waitFor();
    });
    await at.rig.conflictPage("Forms/gone.txt", async (page) => {
      await page.getByText("Deleted at this office. There is nothing to show.").waitFor();
    });
  });
}
