// Reads a DICOM file (PS3.10): sizes, facts for people, and the samples of one frame.
import dicomParser from "dicom-parser";
import * as lossless from "jpeg-lossless-decoder-js";
import { decodeRle } from "../pure/rle";
import type { Samples, Window } from "../pure/window";

export interface DicomFacts {
  patient: string;
  study: string;
  modality: string;
  device: string;
  bits: number;
}

export type Frame =
  | { form: "grey"; samples: Samples }
  | { form: "rgba"; rgba: Uint8ClampedArray<ArrayBuffer> }
  | { form: "jpeg"; jpeg: Uint8Array };

export interface DicomPicture {
  width: number;
  height: number;
  frames: number;
  window: Window | null;
  facts: DicomFacts;
  frame(index: number): Frame;
}

// The format is understood, this way of packing pictures is not.
export class NotShown extends Error {}

const PIXELS_MAX = 120e6;

const JPEG_BASELINE = "1.2.840.10008.1.2.4.50";
const JPEG_LOSSLESS = ["1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"];
const RLE = "1.2.840.10008.1.2.5";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const PLAIN = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", BIG_ENDIAN];

export function readDicom(bytes: Uint8Array): DicomPicture {
  const set = dicomParser.parseDicom(bytes);
  const syntax = set.string("x00020010") ?? "1.2.840.10008.1.2";
  const width = set.uint16("x00280011") ?? 0;
  const height = set.uint16("x00280010") ?? 0;
  if (width * height === 0) throw new NotShown("there is no picture in it");
  if (width * height > PIXELS_MAX) throw new NotShown("the picture is too large");
  const element = set.elements["x7fe00010"];
  if (!element) throw new NotShown("there is no picture in it");
  const layout: Layout = {
    width, height,
    channels: set.uint16("x00280002") ?? 1,
    bits: set.uint16("x00280100") ?? 8,
    stored: set.uint16("x00280101") ?? set.uint16("x00280100") ?? 8,
    signed: set.uint16("x00280103") === 1,
    planar: set.uint16("x00280006") === 1,
    colour: (set.string("x00280004") ?? "MONOCHROME2").trim(),
    slope: set.floatString("x00281053") ?? 1,
    intercept: set.floatString("x00281052") ?? 0,
  };
  const frames = Math.max(1, set.intString("x00280008") ?? 1);
  const center = set.floatString("x00281050");
  const span = set.floatString("x00281051");
  return {
    width, height, frames,
    window: center !== undefined && span !== undefined && span > 0 ? { center, width: span } : null,
    facts: {
      patient: (set.string("x00100010") ?? "").replaceAll("^", " ").trim(),
      study: set.string("x00080020") ?? "",
      modality: set.string("x00080060") ?? "",
      device: [set.string("x00080070"), set.string("x00081090")].filter(Boolean).join(" "),
      bits: layout.stored,
    },
    frame: (index) => frameOf(set, element, syntax, layout, index),
  };
}

interface Layout {
  width: number;
  height: number;
  channels: number;
  bits: number;
  stored: number;
  signed: boolean;
  planar: boolean;
  colour: string;
  slope: number;
  intercept: number;
}

function frameOf(set: dicomParser.DataSet, element: dicomParser.Element, syntax: string, layout: Layout, index: number): Frame {
  const length = layout.width * layout.height * layout.channels * Math.ceil(layout.bits / 8);
  if (PLAIN.includes(syntax)) {
    const begin = element.dataOffset + index * length;
    if (begin + length > set.byteArray.length) throw new Error("the picture is cut short");
    const raw = set.byteArray.slice(begin, begin + length);
    if (syntax === BIG_ENDIAN && layout.bits === 16) swap(raw);
    return fromPlain(raw, layout);
  }
  const packed = fragmentsOf(set, element, index);
  if (syntax === JPEG_BASELINE) return { form: "jpeg", jpeg: packed };
  if (JPEG_LOSSLESS.includes(syntax)) {
    const plain = new lossless.Decoder().decompress(
      packed.buffer as ArrayBuffer, packed.byteOffset, packed.byteLength);
    return fromPlain(new Uint8Array(plain), layout);
  }
  if (syntax === RLE) return fromPlanes(decodeRle(packed, layout.width * layout.height), layout);
  throw new NotShown(`packed as ${syntax}`);
}

function fragmentsOf(set: dicomParser.DataSet, element: dicomParser.Element, index: number): Uint8Array {
  const fragments = element.fragments ?? [];
  if (element.basicOffsetTable && element.basicOffsetTable.length > 0) {
    return dicomParser.readEncapsulatedImageFrame(set, element, index).slice();
  }
  // Without a table: one fragment for each frame, or all of them for one.
  const [from, count] = fragments.length > index && index > 0 ? [index, 1] : [0, fragments.length];
  return dicomParser.readEncapsulatedPixelDataFromFragments(set, element, from, count).slice();
}

function swap(raw: Uint8Array): void {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const low = raw[i]!;
    raw[i] = raw[i + 1]!;
    raw[i + 1] = low;
  }
}

function fromPlain(raw: Uint8Array, layout: Layout): Frame {
  if (layout.channels === 3) return { form: "rgba", rgba: colours(raw, layout, layout.planar) };
  if (layout.channels !== 1) throw new NotShown(`${layout.channels} colours`);
  if (layout.bits === 8) return grey(layout.signed ? new Int8Array(raw.buffer, raw.byteOffset, raw.length) : raw, layout);
  if (layout.bits !== 16) throw new NotShown(`${layout.bits} bits`);
  return grey(sixteen(raw, layout), layout);
}

// Unused high bits are cut off, and the sign of what is left is spread over them.
function sixteen(raw: Uint8Array, layout: Layout): Int16Array | Uint16Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const count = raw.length >> 1;
  const shift = Math.max(0, 16 - layout.stored);
  const values = layout.signed ? new Int16Array(count) : new Uint16Array(count);
  for (let i = 0; i < count; i += 1) {
    const stored = view.getUint16(2 * i, true) << shift;
    values[i] = layout.signed ? (stored << 16) >> (16 + shift) : (stored & 0xffff) >> shift;
  }
  return values;
}

function fromPlanes(planes: Uint8Array[], layout: Layout): Frame {
  if (layout.channels === 3 && planes.length === 3) {
    const raw = new Uint8Array(planes[0]!.length * 3);
    planes.forEach((plane, i) => raw.set(plane, i * plane.length));
    return { form: "rgba", rgba: colours(raw, layout, true) };
  }
  const [high, low] = planes;
  if (planes.length === 1) return fromPlain(high!, layout);
  if (planes.length !== 2) throw new NotShown(`${planes.length} planes`);
  const raw = new Uint8Array(high!.length * 2);
  for (let i = 0; i < high!.length; i += 1) {
    raw[2 * i] = low![i]!;
    raw[2 * i + 1] = high![i]!;
  }
  return grey(sixteen(raw, layout), layout);
}

function grey(values: Samples["values"], layout: Layout): Frame {
  const { slope, intercept } = layout;
  return { form: "grey", samples: { values, slope, intercept, inverted: layout.colour === "MONOCHROME1" } };
}

function colours(raw: Uint8Array, layout: Layout, planar: boolean): Uint8ClampedArray<ArrayBuffer> {
  if (layout.colour !== "RGB") throw new NotShown(layout.colour);
  const pixels = layout.width * layout.height;
  const rgba = new Uint8ClampedArray(pixels * 4);
  for (let i = 0; i < pixels; i += 1) {
    for (let c = 0; c < 3; c += 1) rgba[4 * i + c] = raw[planar ? c * pixels + i : 3 * i + c]!;
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}
