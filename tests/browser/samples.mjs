// Files of the kinds that lie in a patient's folder, made from nothing: a drawn bitewing in five formats, a
// statement as PDF. No real person's data.
import { deflateSync } from "node:zlib";

// Grey values 0 … 1 of something like a bitewing; `filling` adds a bright spot, `shift` moves the teeth.
export function radiograph(width, height, { filling = false, shift = 0, seed = 1 } = {}) {
  const values = new Float32Array(width * height);
  let state = seed >>> 0 || 1;
  const noise = () => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state / 2 ** 32 - 0.5;
  };
  const teeth = [];
  for (let row = 0; row < 2; row += 1) {
    for (let i = 0; i < 4; i += 1) {
      teeth.push({ x: (i + 0.5) / 4 + shift + 0.015 * row, y: row ? 0.79 : 0.21, rx: 0.112, ry: 0.27, row });
    }
  }
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const u = x / width;
      const v = y / height;
      let light = 0.1 + 0.16 * Math.min(1, Math.abs(v - 0.5) * 2.2) + 0.03 * Math.sin(u * 37 + v * 11) * Math.abs(v - 0.5);
      for (const tooth of teeth) {
        const dx = (u - tooth.x) / tooth.rx;
        const dy = (v - tooth.y) / tooth.ry;
        const crown = Math.pow(Math.abs(dx), 3.2) + Math.pow(Math.abs(dy), 3.2);
        if (crown >= 1) continue;
        const inner = Math.abs(dx) ** 2.6 * 1.75 + Math.abs(dy) ** 3 * 1.3;
        const toward = tooth.row ? -dy : dy;  // 1 at the chewing surface, -1 at the root
        const dentine = 0.56 + 0.08 * (1 - crown) + 0.06 * toward;
        const enamel = Math.min(1, Math.max(0, (inner - 0.5) * 6)) * Math.min(1, Math.max(0, (toward + 0.35) * 1.6));
        light = dentine + (0.88 - 0.1 * Math.abs(dx) - dentine) * enamel;
        const pulp = (dx / 0.2) ** 2 + ((toward + 0.35) / 0.62) ** 2;
        if (pulp < 1) light -= 0.24 * (1 - pulp);
        light *= 1 - 0.12 * Math.max(0, crown - 0.8) / 0.2;
      }
      if (filling) {
        const spot = Math.hypot((u - 0.385 - shift) / 0.035, (v - 0.36) / 0.055);
        if (spot < 1) light = 0.98;
      }
      values[y * width + x] = Math.min(1, Math.max(0, light + noise() * 0.035));
    }
  }
  return values;
}

const grey8 = (values) => Uint8Array.from(values, (value) => Math.round(value * 255));

// --- PNG ---

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

export function png(width, height, values) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;  // bits, grey
  const raw = Buffer.alloc((width + 1) * height);
  const grey = grey8(values);
  for (let y = 0; y < height; y += 1) raw.set(grey.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(raw)), chunk("IEND", Buffer.alloc(0)),
  ]);
}

// --- BMP, as Open Dental saves mounts: 24 bits, not packed ---

export function bmp(width, height, values) {
  const line = Math.ceil(width * 3 / 4) * 4;
  const out = Buffer.alloc(54 + line * height);
  out.write("BM", 0, "latin1");
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  const grey = grey8(values);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      out.fill(grey[(height - 1 - y) * width + x], 54 + y * line + x * 3, 54 + y * line + x * 3 + 3);
    }
  }
  return out;
}

// --- TIFF: grey, not packed, a picture for each of `pages` ---

export function tiff(width, height, pages) {
  const entries = 8;
  const parts = [Buffer.from("II*\0", "latin1"), Buffer.alloc(4)];
  let at = 8;
  const starts = [];
  for (const values of pages) {
    const pixels = Buffer.from(grey8(values));
    starts.push({ pixels: at });
    parts.push(pixels, Buffer.alloc(pixels.length % 2));
    at += pixels.length + pixels.length % 2;
  }
  pages.forEach((_, i) => {
    const ifd = Buffer.alloc(2 + entries * 12 + 4);
    const put = [[256, width], [257, height], [258, 8], [259, 1], [262, 1], [273, starts[i].pixels], [278, height], [279, width * height]];
    ifd.writeUInt16LE(entries, 0);
    put.forEach(([tag, value], k) => {
      ifd.writeUInt16LE(tag, 2 + k * 12);
      ifd.writeUInt16LE(4, 4 + k * 12);
      ifd.writeUInt32LE(1, 6 + k * 12);
      ifd.writeUInt32LE(value, 10 + k * 12);
    });
    starts[i].ifd = at;
    at += ifd.length;
    ifd.writeUInt32LE(i + 1 < pages.length ? at : 0, ifd.length - 4);
    parts.push(ifd);
  });
  parts[1].writeUInt32LE(starts[0].ifd, 0);
  return Buffer.concat(parts);
}

// --- DICOM: explicit little endian, 12 of 16 bits ---

function element(group, number, type, value) {
  let data = Buffer.isBuffer(value) ? value : Buffer.from(value, "latin1");
  if (data.length % 2) data = Buffer.concat([data, Buffer.from(type === "UI" || type === "OW" ? "\0" : " ", "latin1")]);
  const long = ["OB", "OW", "UN"].includes(type);
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(type, 4, "latin1");
  if (long) head.writeUInt32LE(data.length, 8);
  else head.writeUInt16LE(data.length, 6);
  return Buffer.concat([head, data]);
}

const short = (value) => {
  const data = Buffer.alloc(2);
  data.writeUInt16LE(value);
  return data;
};

export function dicom(width, height, values, { patient = "Sample^Sandra", date = "20240503", center = 2048, window = 4096 } = {}) {
  const pixels = Buffer.alloc(width * height * 2);
  values.forEach((value, i) => pixels.writeUInt16LE(Math.round(value * 4095), i * 2));
  const syntax = element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(syntax.length);
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from("DICM", "latin1"), element(0x0002, 0x0000, "UL", length), syntax,
    element(0x0008, 0x0020, "DA", date), element(0x0008, 0x0060, "CS", "IO"), element(0x0008, 0x0070, "LO", "Sample sensor"),
    element(0x0010, 0x0010, "PN", patient),
    element(0x0028, 0x0002, "US", short(1)), element(0x0028, 0x0004, "CS", "MONOCHROME2"),
    element(0x0028, 0x0010, "US", short(height)), element(0x0028, 0x0011, "US", short(width)),
    element(0x0028, 0x0100, "US", short(16)), element(0x0028, 0x0101, "US", short(12)), element(0x0028, 0x0102, "US", short(11)),
    element(0x0028, 0x0103, "US", short(0)), element(0x0028, 0x1050, "DS", String(center)), element(0x0028, 0x1051, "DS", String(window)),
    element(0x7fe0, 0x0010, "OW", pixels),
  ]);
}

// --- PDF: pages of text lines in a font that the reader has to bring ---

export function pdf(pages) {
  const objects = [];
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(" ");
  objects.push("<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  for (const lines of pages) {
    const text = lines.map((line) => `(${line.replace(/[\\()]/g, "\\$&")}) Tj T*`).join("\n");
    const content = `BT /F1 20 Tf 30 TL 60 720 Td\n${text}\nET\n60 735 480 3 re f`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${objects.length + 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  let out = "%PDF-1.4\n";
  const offsets = objects.map((body, i) => {
    const offset = out.length;
    out += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const xref = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) out += `${String(offset).padStart(10, "0")} 00000 n \n`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(out, "latin1");
}
