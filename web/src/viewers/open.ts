// Opens the bytes of a version for showing. What decodes is fetched when the first such file is looked at.
import type { Bytes } from "../api";
import { decodeText } from "../pure/text_diff";
import { fullWindow, toRgba, type Samples, type Window } from "../pure/window";
import type { DecodeAnswer, DecodeRequest, } from "./decode_worker";
import type { DicomFacts } from "./dicom_file";

export interface Picture {
  image: ImageBitmap | HTMLCanvasElement;
  width: number;
  height: number;
}

export interface Raster {
  kind: "raster";
  pages: number;
  facts: DicomFacts | null;
  window: Window | null;  // null: there is nothing to set
  range: [number, number];  // of the values that the window moves over
  draw(page: number, window: Window | null): Promise<Picture>;
}

export type Opened =
  | Raster
  | { kind: "text"; text: string; cut: boolean }
  | { kind: "none"; why: "no-viewer" | "damaged"; detail: string };

const TEXT_MAX = 1 << 20;
const DECODE_MAX_MS = 30_000;
const NATIVE = ["image/jpeg", "image/png", "image/gif", "image/bmp"];

export async function open(content: Bytes): Promise<Opened> {
  try {
    if (NATIVE.includes(content.mediaType)) return await openNative(content);
    if (content.mediaType === "image/tiff" || content.mediaType === "application/dicom") return await openDecoded(content);
    if (content.mediaType === "application/pdf") return await (await import("./pdf")).openPdf(content.bytes);
    if (content.mediaType === "text/plain") return openText(content.bytes);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: "none", why: error instanceof Unsupported ? "no-viewer" : "damaged", detail };
  }
  return { kind: "none", why: "no-viewer", detail: content.mediaType };
}

class Unsupported extends Error {}

function openText(bytes: ArrayBuffer): Opened {
  const cut = bytes.byteLength > TEXT_MAX;
  return { kind: "text", text: decodeText(new Uint8Array(bytes, 0, Math.min(bytes.byteLength, TEXT_MAX))), cut };
}

async function openNative(content: Bytes): Promise<Raster> {
  const image = await createImageBitmap(new Blob([content.bytes], { type: content.mediaType }));
  const picture = { image, width: image.width, height: image.height };
  return { kind: "raster", pages: 1, facts: null, window: null, range: [0, 255], draw: () => Promise.resolve(picture) };
}

// TIFF and DICOM: one worker for each page that is looked at, ended after its answer.
async function openDecoded(content: Bytes): Promise<Raster> {
  const first = await decodeInWorker({ ...content, page: 0 });
  let held: { page: number; answer: Decoded } = { page: 0, answer: first };
  const full = first.samples ? fullWindow(first.samples) : null;
  const range: [number, number] = full ? [full.center - full.width / 2, full.center + full.width / 2] : [0, 255];
  return {
    kind: "raster",
    pages: first.pages,
    facts: first.facts,
    window: full ? first.window ?? full : null,
    range,
    draw: async (page, window) => {
      if (held.page !== page) held = { page, answer: await decodeInWorker({ ...content, page }) };
      return await pictureOf(held.answer, window);
    },
  };
}

type Decoded = Extract<DecodeAnswer, { ok: true }>;

async function decodeInWorker(request: DecodeRequest): Promise<Decoded> {
  const worker = new Worker("/decode.js", { type: "module" });
  let timer = 0;
  try {
    const answer = await new Promise<DecodeAnswer>((done, failed) => {
      timer = window.setTimeout(() => failed(new Error("it takes too long")), DECODE_MAX_MS);
      worker.onmessage = (event: MessageEvent<DecodeAnswer>) => done(event.data);
      worker.onerror = () => failed(new Error("the decoder ended"));
      worker.postMessage({ mediaType: request.mediaType, bytes: request.bytes, page: request.page });
    });
    if (answer.ok) return answer;
    throw answer.notShown ? new Unsupported(answer.reason) : new Error(answer.reason);
  } finally {
    window.clearTimeout(timer);
    worker.terminate();
  }
}

async function pictureOf(answer: Decoded, window: Window | null): Promise<Picture> {
  const { width, height } = answer;
  if (answer.jpeg) {
    const image = await createImageBitmap(new Blob([answer.jpeg], { type: "image/jpeg" }));
    return { image, width: image.width, height: image.height };
  }
  const rgba = answer.rgba ?? greyOf(answer.samples!, window);
  const image = await createImageBitmap(new ImageData(rgba, width, height));
  return { image, width, height };
}

const greyOf = (samples: Samples, window: Window | null) => toRgba(samples, window ?? fullWindow(samples));
