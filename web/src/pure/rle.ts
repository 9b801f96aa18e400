// DICOM's run length encoding (PS3.5, annex G): up to 15 segments of one byte plane each, most
// significant plane first.

const SEGMENTS_MAX = 15;

// One frame; `pixels` samples in each plane. Throws when the bytes are not such a frame.
export function decodeRle(frame: Uint8Array, pixels: number): Uint8Array[] {
  if (frame.length < 64) throw new Error("RLE header is cut short");
  const header = new DataView(frame.buffer, frame.byteOffset, 64);
  const count = header.getUint32(0, true);
  if (count < 1 || count > SEGMENTS_MAX) throw new Error("RLE header has a wrong number of segments");
  const planes: Uint8Array[] = [];
  for (let i = 0; i < count; i += 1) {
    const begin = header.getUint32(4 + 4 * i, true);
    const end = i + 1 < count ? header.getUint32(8 + 4 * i, true) : frame.length;
    if (begin < 64 || end < begin || end > frame.length) throw new Error("RLE segment lies outside of its frame");
    planes.push(unpack(frame.subarray(begin, end), pixels));
  }
  return planes;
}

function unpack(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let to = 0;
  let from = 0;
  while (to < length && from < packed.length) {
    const control = packed[from]!;
    from += 1;
    if (control === 128) continue;
    if (control < 128) {
      const run = Math.min(control + 1, length - to, packed.length - from);
      out.set(packed.subarray(from, from + run), to);
      to += run;
      from += control + 1;
    } else {
      const run = Math.min(257 - control, length - to);
      out.fill(packed[from] ?? 0, to, to + run);
      to += run;
      from += 1;
    }
  }
  if (to < length) throw new Error("RLE segment is cut short");
  return out;
}
