// Requests to the agent. Names of patients go in bodies, never in addresses.
import type {
  ConflictDetail, ConflictPage, ConflictQuery, Decided, FoundPath, Held, Keep, Named, PreviewItem, Traffic, Undone, Version,
  Which,
} from "./types";

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

let csrf = "";
let onSignedOut: () => void = () => {};

// Called once a request is refused because the session has ended.
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

export interface Session { replica: string }

// Trades the one-time token for a session (the server sets the cookie).
export async function beginSession(token: string): Promise<void> {
  const answer = await fetch("/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!answer.ok) throw new ApiError(answer.status, await reasonOf(answer));
}

// Null: nobody is signed in here.
export async function session(): Promise<Session | null> {
  const answer = await fetch("/v1/session");
  if (answer.status === 401) return null;
  if (!answer.ok) throw new ApiError(answer.status, await reasonOf(answer));
  const found = await answer.json() as { replica: { name: string }; csrf: string };
  csrf = found.csrf;
  return { replica: found.replica.name };
}

export async function endSession(): Promise<void> {
  await send("DELETE", "/v1/session");
}

async function reasonOf(answer: Response): Promise<string> {
  try {
    const body = await answer.json() as { error?: string };
    if (typeof body.error === "string") return body.error;
  } catch { /* no JSON: the status says it */ }
  return `${answer.status} ${answer.statusText}`;
}

export async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  if (method !== "GET") headers["X-Atozsync-Csrf"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method, headers, signal: signal ?? null, body: body === undefined ? null : JSON.stringify(body),
  });
  if (answer.status === 401) onSignedOut();
  if (!answer.ok) throw new ApiError(answer.status, await reasonOf(answer));
  return answer;
}

const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  await (await send("GET", path, undefined, signal)).json() as T;
const post = async <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  await (await send("POST", path, body, signal)).json() as T;
const act = async (path: string, body: unknown): Promise<void> => {
  await send("POST", path, body);
};

export const traffic = () => get<Traffic>("/v1/traffic");
export const conflicts = (query: ConflictQuery, signal?: AbortSignal) =>
  post<ConflictPage>("/v1/conflicts/query", query, signal);
export const conflict = (id: string) => get<ConflictDetail>(`/v1/conflicts/${encodeURIComponent(id)}`);
export const preview = async (ids: string[], keep: Keep) =>
  (await post<{ items: PreviewItem[] }>("/v1/conflicts/preview", { ids, keep })).items;
export const resolve = (decisions: { id: string; keep: Keep }[]) =>
  post<{ results: Decided[]; undo: string | null }>("/v1/conflicts/resolve", { decisions });
export const undo = async (id: string) => (await post<{ results: Undone[] }>("/v1/undo", { undo: id })).results;
export const search = (text: string, offset: number, limit: number, signal?: AbortSignal) =>
  post<{ paths: FoundPath[]; more: boolean }>("/v1/search", { text, offset, limit }, signal);
const name = (of: Named): Named => (of.path_raw ? { path: of.path, path_raw: of.path_raw } : { path: of.path });
export const history = async (of: Named) => (await post<{ versions: Version[] }>("/v1/history", name(of))).versions;
export const restore = (of: Named, version: string) => act("/v1/restore", { ...name(of), version });
export const held = () => get<Held[]>("/v1/held");
export const release = (of: Named) => act("/v1/held/release", name(of));
export const revert = (of: Named) => act("/v1/held/revert", name(of));

export interface Bytes { bytes: ArrayBuffer; mediaType: string }

async function bytesOf(answer: Response): Promise<Bytes> {
  const type = (answer.headers.get("Content-Type") ?? "application/octet-stream").split(";")[0] ?? "";
  return { bytes: await answer.arrayBuffer(), mediaType: type.trim().toLowerCase() };
}

export const conflictContentPath = (id: string, which: Which) =>
  `/v1/conflicts/${encodeURIComponent(id)}/content/${which}`;
export const conflictContent = async (id: string, which: Which, signal?: AbortSignal) =>
  bytesOf(await send("GET", conflictContentPath(id, which), undefined, signal));
export const versionContent = async (of: Named, version: string, download: boolean) =>
  bytesOf(await send("POST", "/v1/version-content", { ...name(of), version, download }));

// Calls `line` for each JSON line of a stream; ends when the stream does or `signal` says so.
export async function stream(
  path: string, body: unknown, line: (value: Record<string, unknown>) => void, signal: AbortSignal,
): Promise<void> {
  const answer = await send("POST", path, body, signal);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = done ? "" : lines.pop()!;
    for (const text of lines) if (text.trim() !== "") line(JSON.parse(text) as Record<string, unknown>);
    if (done) return;
  }
}
