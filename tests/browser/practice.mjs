// The practice that tests and pictures show: three offices, documents of every kind, conflicts about them.
import { bmp, dicom, pdf, png, radiograph, tiff } from "./samples.mjs";

export const offices = ["main-office", "north-office", "van-1"];

const WIDTH = 720;
const HEIGHT = 540;
const taken = radiograph(WIDTH, HEIGHT);
const filled = radiograph(WIDTH, HEIGHT, { filling: true });
const moved = radiograph(WIDTH, HEIGHT, { shift: 0.04, seed: 7 });

const letter = (line) => Buffer.from(Array.from({ length: 40 }, (_, i) => (i === 20 ? line : `Line ${i + 1} of the letter.`)).join("\r\n"));

// By kind: what was there, what the first office made of it, what the second did.
export const kinds = {
  png: [moved, taken, filled].map((values) => png(WIDTH, HEIGHT, values)),
  dcm: [moved, taken, filled].map((values) => dicom(WIDTH, HEIGHT, values)),
  tif: [[moved], [taken, moved], [filled, moved]].map((pages) => tiff(WIDTH, HEIGHT, pages)),
  bmp: [moved, taken, filled].map((values) => bmp(WIDTH, HEIGHT, values)),
  pdf: ["Balance: 40.00", "Balance: 80.00", "Balance: 120.00"].map((line) => pdf([["Statement", "", line], ["Page two"]])),
  txt: ["before", "The patient prefers afternoons.", "The patient prefers mornings."].map(letter),
};

// A browser makes the JPEGs: nothing here can. It takes the PNGs, packed: a list of points would go there for seconds.
export async function addJpeg(page) {
  kinds.jpg = [];
  for (const bytes of kinds.png) {
    const text = await page.evaluate(async (packed) => {
      const image = Object.assign(new Image(), { src: `data:image/png;base64,${packed}` });
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
    }, bytes.toString("base64"));
    kinds.jpg.push(Buffer.from(text, "base64"));
  }
}

const patients = [["Abbott", "Olivia"], ["Baker", "James"], ["Chen", "Mei"], ["Dubois", "Claire"], ["Evans", "Noah"], ["Fischer", "Anna"], ["Garcia", "Luis"]];
const documents = [
  [0, "png", "Bitewing right"], [1, "dcm", "Bitewing left"], [2, "tif", "Series, two pictures"], [3, "bmp", "Mount of 2024"], [4, "pdf", "Statement May"],
  [5, "jpg", "Smile"], [6, "txt", "Letter to the specialist"],
];

const categories = { pdf: "Statements", jpg: "Patient Pictures", txt: "Tooth Charts" };

// What names and contents may try. Names that Windows refuses are here, too: an office may run on Linux.
export const hostile = [
  ["Forms/<img src=x onerror=alert(1)>.txt", "<script>alert(1)</script>"],
  ["Forms/\"><svg onload=alert(2)>.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(3)'><script>alert(4)</script></svg>"],
  ["Forms/page.html", "<!doctype html><body onload=alert(5)><script>alert(6)</script><a href='javascript:alert(7)'>x</a>"],
  ["Forms/{file}${alert(8)}%3Cscript%3E.txt", "{{constructor.constructor('alert(9)')()}}"],
];

export const bulkPaths = Array.from({ length: 12 }, (_, i) => `Forms/list ${String(i + 1).padStart(2, "0")}.txt`);

const text = (words) => Buffer.from(words);

export const plan = () => ({
  replicas: offices,
  database: true,
  patients: patients.map(([last, first]) => ({ last, first })),
  documents: documents.map(([patient, kind, description]) => ({ patient, extension: `.${kind}`, description, category: categories[kind] ?? "BWs", file: kinds[kind][0] })),
  files: [
    ...bulkPaths.map((path) => [path, text("before")]),
    ...hostile.map(([path]) => [path, text("before")]),
    ["Forms/gone.txt", text("before")], ["Forms/damaged.png", text("before")], ["Forms/keys.txt", text("before")], ["Forms/both.txt", text("before")],
  ],
});

// Makes all of them conflicts; returns the path of the document of each kind.
export async function makeConflicts(stage) {
  const path = Object.fromEntries(documents.map(([, kind], i) => [kind, stage.documents[i]]));
  await stage.conflicts([
    ...documents.map(([, kind], i) => [stage.documents[i], kinds[kind][1], kinds[kind][2]]),
    ...bulkPaths.map((name) => [name, text(`first ${name}`), text(`second ${name}`)]),
    ...hostile.map(([name, bytes]) => [name, text(`${bytes} first`), text(`${bytes} second`)]),
    ["Forms/gone.txt", text("changed"), null],
    ["Forms/damaged.png", Buffer.concat([kinds.png[1].subarray(0, 60), text("first")]), Buffer.concat([kinds.png[1].subarray(0, 60), text("second")])],
    ["Forms/keys.txt", text("keys first"), text("keys second")],
    ["Forms/both.txt", text("both first"), text("both second")],
  ]);
  return path;
}
