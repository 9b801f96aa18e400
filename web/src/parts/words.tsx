// Small pieces that many pages show.
import { language, t, tx } from "../i18n";
import * as format from "../pure/format";
import type { Side } from "../types";

export const bytes = (count: number) => format.bytes(count, language());
export const count = (value: number, digits = 0) => format.number(value, language(), digits);
export const moment = (time: string) => format.moment(time, language());
export const duration = (seconds: number) => format.duration(seconds, language());

export function When({ time, now }: { time: string; now: number }) {
  return <time dateTime={time} title={moment(time)}>{format.ago(time, now, language())}</time>;
}

// Folder and name apart, so that the name is found by the eye; breaks where it has to.
export function Path({ path, href }: { path: string; href?: string }) {
  const { folder, file } = format.parts(path);
  const name = <bdi class="file">{file}</bdi>;
  return (
    <span class="path">
      {href ? <a href={href}>{name}</a> : name}
      {folder && <bdi class="folder">{folder}</bdi>}
    </span>
  );
}

export function sideWords(side: Side): string {
  if (side.kind === "deleted") return t("side.deleted", { office: side.replica });
  if (side.kind === "directory") return t("side.directory", { office: side.replica });
  return t("side.file", { office: side.replica, size: bytes(side.size ?? 0) });
}

export const kindWords = (kind: string) => tx("kind", kind);
export const stateWords = (state: string) => tx("state", state);

export function Level({ level, children }: { level: "ok" | "attention" | "bad"; children: preact.ComponentChildren }) {
  const sign = { ok: "✓", attention: "!", bad: "×" }[level];
  return <span class={`level ${level}`}><span aria-hidden="true">{sign}</span>{children}</span>;
}
