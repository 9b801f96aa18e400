// Runs the unit tests: bundles test/*.test.ts (node 18 reads no TypeScript) and hands them to node's runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = mkdtempSync(join(tmpdir(), "atoz-web-"));
try {
  const names = readdirSync(join(web, "test")).filter((name) => name.endsWith(".test.ts"));
  await build({
    absWorkingDir: web,
    entryPoints: names.map((name) => `test/${name}`),
    bundle: true,
    platform: "browser",  // the same packages that a browser gets
    external: ["node:*"],
    format: "esm",
    outExtension: { ".js": ".mjs" },
    outdir: out,
    logLevel: "warning",
  });
  const files = names.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
