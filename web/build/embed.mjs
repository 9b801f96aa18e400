// Packs the built files for the program: node build/embed.mjs DIST BLOB SOURCE. BLOB holds their bytes one
// after the other, those that gain by it compressed; SOURCE is the C++ that carries BLOB and lists them.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const [dist, blobFile, sourceFile] = process.argv.slice(2);

const mediaTypes = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".pfb": "application/octet-stream",
};

function list(folder, prefix) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => entry.isDirectory()
      ? list(join(folder, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`]);
}

const parts = [];
const rows = [];
let offset = 0;
for (const path of list(dist, "/")) {
  const mediaType = mediaTypes[extname(path)];
  if (!mediaType) throw new Error(`${path}: no media type is known for it`);
  const plain = readFileSync(join(dist, path));
  const packed = gzipSync(plain, { level: 9 });
  const gzip = plain.length > 1000 && packed.length < plain.length * 0.95;
  const bytes = gzip ? packed : plain;
  const etag = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  rows.push(`      {"${path}", "${mediaType}", Part(${offset}, ${bytes.length}), "\\"${etag}\\"", ${gzip}},`);
  parts.push(bytes);
  offset += bytes.length;
}
writeFileSync(blobFile, Buffer.concat(parts));

// The directives are those that the assemblers for ELF and for Windows share; .text is where the compiler
// believes to be.
writeFileSync(sourceFile, `// Written by web/build/embed.mjs.
#include "web/files.h"

extern "C" const char atoz_web_blob[];

__asm__(
    ".section .rodata.atoz_web, \\"a\\"\\n"
    ".global atoz_web_blob\\n"
    "atoz_web_blob:\\n"
    ".incbin \\"${resolve(blobFile).replaceAll("\\", "/")}\\"\\n"
    ".text\\n");

namespace atozsync {

namespace {

std::string_view Part(size_t offset, size_t size) {
  return {atoz_web_blob + offset, size};
}

}  // namespace

std::span<const WebFile> WebFiles() {
  static const WebFile files[] = {
${rows.join("\n")}
  };
  return files;
}

}  // namespace atozsync
`);
