// Builds the front end: node build/bundle.mjs [--out DIR]. Everything that a browser loads comes out of
// here, and nothing is loaded from anywhere else.
import { build } from "esbuild";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { notices, packagesOf } from "./notices.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const at = process.argv.indexOf("--out");
const out = at < 0 ? join(web, "dist") : process.argv[at + 1];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const done = await build({
  absWorkingDir: web,
  entryPoints: { app: "src/main.tsx", decode: "src/viewers/decode_worker.ts", "app-style": "src/styles/app.css" },
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  platform: "browser",
  target: ["chrome109", "firefox115", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  outdir: out,
  chunkNames: "part-[name]-[hash]",
  legalComments: "none",  // all of them are in third-party.txt
  metafile: true,
  logLevel: "warning",
});
cpSync(join(out, "app-style.css"), join(out, "app.css"));
rmSync(join(out, "app-style.css"));
for (const file of ["index.html", "icon.svg"]) cpSync(join(web, "static", file), join(out, file));

// What pdf.js loads by itself: its worker, decoders in plain JavaScript (WebAssembly would need a wider
// policy), and fonts for documents that do not bring their own.
const pdf = join(web, "node_modules/pdfjs-dist");
mkdirSync(join(out, "pdf"));
cpSync(join(pdf, "legacy/build/pdf.worker.min.mjs"), join(out, "pdf/worker.js"));
for (const name of ["jbig2_nowasm_fallback.js", "openjpeg_nowasm_fallback.js"]) {
  cpSync(join(pdf, "wasm", name), join(out, "pdf", name));
}
for (const name of readdirSync(join(pdf, "standard_fonts"))) {
  if (!name.startsWith("LICENSE")) cpSync(join(pdf, "standard_fonts", name), join(out, "pdf", name));
}

writeFileSync(join(out, "third-party.txt"), notices(web, packagesOf(done.metafile)));
