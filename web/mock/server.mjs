// A stand-in for the agent while one works on the pages: npm run build && npm run mock [-- --conflicts 10000].
// Answers are made up, decisions change only what it remembers. It has no session and no protection: never
// a place for real files.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { Practice } from "./practice.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const practice = new Practice(option("conflicts", 60));

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async function bodyOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return text === "" ? {} : JSON.parse(text);
}

function sendFile(asked, response) {
  const path = asked === "/" ? "/index.html" : asked;
  try {
    const bytes = readFileSync(join(dist, normalize(path)));
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream", "Content-Security-Policy": policy });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

function events(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const tell = () => response.write(`event: overview\ndata: ${JSON.stringify(practice.overview())}\n\n`);
  tell();
  practice.watchers.add(tell);
  response.on("close", () => practice.watchers.delete(tell));
}

createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  if (!path.startsWith("/v1/")) return sendFile(path, response);
  if (path === "/v1/events") return events(response);
  const answer = await practice.answer(request.method, path, await bodyOf(request));
  const raw = Buffer.isBuffer(answer.body);
  response.writeHead(answer.status, { "Content-Type": answer.type ?? "application/json", "Cache-Control": "no-store", "Content-Security-Policy": policy });
  return response.end(answer.status === 204 ? undefined : raw || answer.text ? answer.body : JSON.stringify(answer.body));
}).listen(option("port", 8080), "127.0.0.1", function listening() {
  console.log(`http://127.0.0.1:${this.address().port}/`);
});
