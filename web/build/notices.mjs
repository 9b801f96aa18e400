// The licences of what is in the bundle. A package whose licence is not in the list stops the build.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const allowed = ["MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Apache-2.0", "Zlib", "(MIT AND Zlib)"];

// Names of the packages that esbuild took something from.
export function packagesOf(metafile) {
  const names = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input);
    if (found) names.add(found[1]);
  }
  return [...names].sort();
}

export function notices(web, names) {
  const parts = ["What this dashboard contains of others, and their licences.\n"];
  for (const name of names) {
    const folder = join(web, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (!allowed.includes(about.license)) throw new Error(`${name}: licence ${about.license} is not in the list`);
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
    if (texts.length === 0) texts.push(`Licence: ${about.license}. Author: ${authorOf(about)}.`);
    parts.push(section(`${name} ${about.version} (${about.license})`, texts));
  }
  for (const [folder, what] of [["standard_fonts", "fonts"], ["wasm", "decoders"]]) {
    const at = join(web, "node_modules/pdfjs-dist", folder);
    if (!existsSync(at)) continue;
    // The interpreter for scripts in documents is not part of the bundle.
    const files = readdirSync(at).filter((file) => /^LICENSE/.test(file) && !/QUICKJS|QCMS/.test(file));
    for (const file of files) {
      parts.push(section(`pdfjs-dist, ${what}: ${file}`, [readFileSync(join(at, file), "utf8").trim()]));
    }
  }
  return parts.join("\n");
}

const authorOf = (about) => (typeof about.author === "object" ? about.author.name : about.author) || "see the package";

const section = (title, texts) => `${"=".repeat(78)}\n${title}\n${"=".repeat(78)}\n\n${texts.join("\n\n")}\n`;
