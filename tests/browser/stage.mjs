// The stage as tests see it: stage.py as a process that is given orders.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

export class Stage {
  #process;
  #lines;
  #files = 0;
  #written = new Map();

  // Sizes and names of what is made: see Stage in stage.py. `file` may be bytes; they are written for it.
  static async start(plan) {
    const stage = new Stage();
    stage.home = mkdtempSync(join(tmpdir(), "atoz-browser-"));
    stage.#process = spawn("python3", ["-B", join(here, "stage.py")], { stdio: ["pipe", "pipe", "inherit"] });
    stage.#lines = createInterface({ input: stage.#process.stdout })[Symbol.asyncIterator]();
    const told = await stage.#ask({
      home: stage.home, database: false, patients: [], ...plan,
      documents: (plan.documents ?? []).map((one) => ({ ...one, file: stage.file(one.file) })),
      files: (plan.files ?? []).map(([path, bytes]) => [path, stage.file(bytes)]),
    });
    stage.replicas = told.replicas;
    stage.documents = told.documents;
    return stage;
  }

  // The name of a file with these bytes, for orders. Null stays null.
  file(bytes) {
    if (bytes === null) return null;
    if (this.#written.has(bytes)) return this.#written.get(bytes);
    const name = join(this.home, `sample-${this.#files}`);
    this.#files += 1;
    writeFileSync(name, bytes);
    this.#written.set(bytes, name);
    return name;
  }

  async #ask(order) {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the stage has ended");
    const answer = JSON.parse(value);
    if (answer.failed) throw new Error(answer.failed);
    return answer;
  }

  order = (what, more = {}) => this.#ask({ do: what, ...more });
  conflicts = (edits) => this.order("conflicts", { edits: edits.map(([path, a, b]) => [path, this.file(a), this.file(b)]) });
  url = async (replica = 0) => (await this.order("ui", { replica })).url;
  cmd = (replica, ...args) => this.order("cmd", { replica, args });
  path = (replica, path) => join(this.replicas[replica].root, path);

  async end() {
    this.#process.stdin.end();
    await new Promise((done) => this.#process.on("exit", done));
    rmSync(this.home, { recursive: true, force: true });
  }
}
