// Decodes what the browser itself cannot show, away from the page: a file that is made to keep a decoder
// busy for ever is given up by ending this worker, and the page goes on.
import type { Samples, Window } from "../pure/window";
import { NotShown, readDicom, type DicomFacts } from "./dicom_file";
import { readTiff } from "./tiff_file";

export interface DecodeRequest { mediaType: string; bytes: ArrayBuffer; page: number }

export type DecodeAnswer =
  | { ok: false; notShown: boolean; reason: string }
  | {
    ok: true;
    width: number;
    height: number;
    pages: number;
    facts: DicomFacts | null;
    window: Window | null;
    samples?: Samples;
    rgba?: Uint8ClampedArray<ArrayBuffer>;
    jpeg?: Uint8Array<ArrayBuffer>;
  };

function decode({ mediaType, bytes, page }: DecodeRequest): DecodeAnswer {
  if (mediaType === "image/tiff") {
    const picture = readTiff(bytes, page);
    return { ok: true, facts: null, window: null, ...picture };
  }
  const picture = readDicom(new Uint8Array(bytes));
  const frame = picture.frame(page);
  return {
    ok: true,
    width: picture.width,
    height: picture.height,
    pages: picture.frames,
    facts: picture.facts,
    window: picture.window,
    ...(frame.form === "grey" ? { samples: frame.samples } : {}),
    ...(frame.form === "rgba" ? { rgba: frame.rgba } : {}),
    ...(frame.form === "jpeg" ? { jpeg: new Uint8Array(frame.jpeg) } : {}),
  };
}

// In a worker `self` is not a window; the library of types that describes it cannot be had beside DOM's.
interface Scope {
  onmessage: ((event: MessageEvent<DecodeRequest>) => void) | null;
  postMessage(message: DecodeAnswer): void;
}

const scope = self as unknown as Scope;
scope.onmessage = (event) => {
  let answer: DecodeAnswer;
  try {
    answer = decode(event.data);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    answer = { ok: false, notShown: error instanceof NotShown, reason };
  }
  scope.postMessage(answer);
};
