// PDF by pdf.js: pages are drawn, nothing in the document is run, followed or fetched.
import * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";
import type { Picture, Raster } from "./open";

pdfjs.GlobalWorkerOptions.workerSrc = "/pdf/worker.js";

// One for all documents: it is large, and takes longer to start than to read a page.
let worker: pdfjs.PDFWorker | null = null;

const WIDTH = 1600;  // points across a page: sharp beside another on a large screen
const PIXELS_MAX = 40e6;

export async function openPdf(bytes: ArrayBuffer): Promise<Raster> {
  worker ??= new pdfjs.PDFWorker();
  const document = await pdfjs.getDocument({
    worker,
    data: new Uint8Array(bytes.slice(0)),
    standardFontDataUrl: "/pdf/",
    wasmUrl: "/pdf/",
    useWasm: false,
    enableXfa: false,
    isOffscreenCanvasSupported: false,
    disableFontFace: true,
  }).promise;
  const draw = async (page: number): Promise<Picture> => {
    const found = await document.getPage(page + 1);
    const plain = found.getViewport({ scale: 1 });
    const wide = WIDTH / plain.width;
    const scale = Math.min(wide, Math.sqrt(PIXELS_MAX / (plain.width * plain.height)));
    const viewport = found.getViewport({ scale });
    const canvas = window.document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(viewport.width));
    canvas.height = Math.max(1, Math.round(viewport.height));
    await found.render({ canvas, viewport }).promise;
    return { image: canvas, width: canvas.width, height: canvas.height };
  };
  return { kind: "raster", pages: document.numPages, facts: null, window: null, range: [0, 255], draw };
}
