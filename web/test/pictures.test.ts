import assert from "node:assert/strict";
import { test } from "node:test";
import { dicom, radiograph, tiff } from "../../tests/browser/samples.mjs";
import { pixelDifference } from "../src/pure/pixels";
import { decodeRle } from "../src/pure/rle";
import { fullWindow, shade, toRgba } from "../src/pure/window";
import { readDicom, NotShown } from "../src/viewers/dicom_file";
import { readTiff } from "../src/viewers/tiff_file";

// The values of the example in DICOM PS3.3, C.11.2.1.2.1: centre 2048, width 4096.
test("a window of centre 2048 and width 4096 spreads 0 … 4095 over all shades", () => {
  const window = { center: 2048, width: 4096 };
  assert.equal(shade(0, window), 0);
  assert.equal(shade(4095, window), 255);
  assert.equal(shade(2048, window), 128);
  assert.equal(shade(-100, window), 0);
  assert.equal(shade(9000, window), 255);
});

test("a window of width 1 is a threshold", () => {
  const window = { center: 5, width: 1 };
  assert.equal(shade(4.5, window), 0);
  assert.equal(shade(4.6, window), 255);
});

test("slope, intercept and inversion are applied", () => {
  const plain = { values: Int16Array.from([0, 1, 2]), slope: 10, intercept: -10, inverted: false };
  const window = fullWindow(plain);
  assert.deepEqual(window, { center: 0.5, width: 21 });
  assert.deepEqual([...toRgba(plain, window)].filter((_, i) => i % 4 === 0), [0, 128, 255]);
  assert.deepEqual([...toRgba({ ...plain, inverted: true }, window)].filter((_, i) => i % 4 === 0), [255, 127, 0]);
  assert.deepEqual(fullWindow({ ...plain, values: new Int16Array(0) }), { center: 0, width: 1 });
});

test("a DICOM file's sizes, window, facts and samples", () => {
  const values = radiograph(40, 30);
  const picture = readDicom(new Uint8Array(dicom(40, 30, values)));
  assert.deepEqual([picture.width, picture.height, picture.frames], [40, 30, 1]);
  assert.deepEqual(picture.window, { center: 2048, width: 4096 });
  assert.equal(picture.facts.patient, "Sample Sandra");
  assert.equal(picture.facts.bits, 12);
  const frame = picture.frame(0);
  assert.equal(frame.form, "grey");
  if (frame.form === "grey") assert.equal(frame.samples.values[77], Math.round(values[77]! * 4095));
});

test("a DICOM file that is cut short, or is none, is refused", () => {
  const bytes = new Uint8Array(dicom(40, 30, radiograph(40, 30)));
  assert.throws(() => readDicom(bytes.slice(0, bytes.length - 100)).frame(0));
  assert.throws(() => readDicom(new Uint8Array(200)));
  assert.throws(() => readDicom(new Uint8Array(dicom(0, 0, new Float32Array(0)))), NotShown);
});

test("RLE: literal and repeated runs, and damage", () => {
  const frame = new Uint8Array(64 + 5);
  new DataView(frame.buffer).setUint32(0, 1, true);
  new DataView(frame.buffer).setUint32(4, 64, true);
  frame.set([1, 10, 20, 256 - 2, 7], 64);  // two as they are, three times 7
  assert.deepEqual([...decodeRle(frame, 5)[0]!], [10, 20, 7, 7, 7]);
  assert.throws(() => decodeRle(frame, 6), /cut short/);
  assert.throws(() => decodeRle(frame.slice(0, 30), 5), /header/);
  new DataView(frame.buffer).setUint32(4, 4000, true);
  assert.throws(() => decodeRle(frame, 5), /outside/);
});

test("a TIFF file of two pages", () => {
  const bytes = tiff(30, 20, [radiograph(30, 20), radiograph(30, 20, { filling: true })]);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const second = readTiff(file, 1);
  assert.deepEqual([second.width, second.height, second.pages], [30, 20, 2]);
  assert.equal(second.rgba.length, 30 * 20 * 4);
  assert.notDeepEqual(second.rgba, readTiff(file, 0).rgba);
  assert.throws(() => readTiff(file, 2));
  assert.throws(() => readTiff(new ArrayBuffer(4), 0));
});

test("points that differ are counted, noise is not", () => {
  const left = Uint8ClampedArray.from([0, 0, 0, 255, 100, 100, 100, 255, 50, 50, 50, 255]);
  const right = Uint8ClampedArray.from([0, 0, 0, 255, 105, 100, 100, 255, 90, 50, 50, 255]);
  const found = pixelDifference(left, right);
  assert.equal(found.changed, 1);
  assert.notEqual(found.rgba[8], found.rgba[9]);
  assert.equal(found.rgba[0], found.rgba[1]);
  assert.throws(() => pixelDifference(left, right.slice(4)));
});
