// What the agent answers (docs/control-api.md). Times are RFC 3339 in UTC.

export type Time = string;

export interface Side {
  replica: string;
  kind: "file" | "directory" | "deleted" | string;
  hash: string | null;
  size: number | null;
  mtime: Time | null;
  kept_at?: string | null;
}

export type Keep = "winner" | "loser" | "both";
export type Which = "winner" | "loser";

export interface Conflict extends Named {
  id: string;
  other_path?: string;
  kind: string;
  detected: Time;
  state: string;
  winner: Side;
  loser: Side;
  rule: string;
}

export interface Backlog { files: number; bytes: number }

export interface Health {
  name: string;
  id: string;
  self: boolean;
  level: "ok" | "attention" | "bad";
  connected: boolean;
  in_sync: boolean;
  behind: Backlog;
  oldest_waiting: { path: string | null; since: Time | null; why: string } | null;
  last_agreement: Time | null;
  last_seen: Time | null;
  silent_s: number;
  receive_bytes_per_s: number;
  send_bytes_per_s: number;
  round_trip_ms: number | null;
  problem: string | null;
}

export interface Database {
  state: string;
  problem?: string | null;
  frozen?: string | null;
  rows?: number;
  missing_files?: number;
  orphan_files?: number;
  counted?: Time;
}

export interface Status {
  replica: { id: string; name: string; root: string; version: string };
  state: string;
  in_sync: boolean;
  files: number;
  directories: number;
  bytes: number;
  problems?: string[];
  last_error?: string | null;
}

export interface Canary {
  enabled: boolean;
  last: { sent: Time; round_trips: { peer: string; round_trip_ms: number | null }[] } | null;
}

export interface Overview {
  status: Status;
  health: Health[];
  held: { row: number; locked: number; brake: number };
  conflicts_open: number;
  database: Database | null;
  canary: Canary;
  needs_person: { what: string; text: string }[];
}

export interface Sample { t: Time; received_bytes: number; sent_bytes: number; waiting_files: number }
export interface Traffic { step_s: number; samples: Sample[] }

export interface ConflictQuery {
  state: "open" | "decided" | "all";
  kind: string;
  office: string;
  text: string;
  from: string;
  to: string;
  sort: "detected" | "path" | "kind";
  descending: boolean;
  offset: number;
  limit: number;
}

export interface ConflictPage {
  total: number;
  offset: number;
  conflicts: Conflict[];
  offices: string[];
  kinds: string[];
}

export interface Content { available: boolean; media_type: string; size: number; previewable: boolean }

export interface DocumentRow {
  patient: { pat_num: number; name: string } | null;
  category: string;
  date: string;
  description: string;
  doc_num: number;
}

export interface ConflictDetail {
  conflict: Conflict;
  winner: Content;
  loser: Content;
  document: DocumentRow | null;
  undo: string | null;
}

export interface Effect { effect: string; path: string; text: string }
export interface PreviewItem { id: string; path: string; possible: boolean; text: string; effects: Effect[] }
export interface Decided { id: string; ok: boolean; error?: string | null }
export interface Undone { id: string; path?: string; ok: boolean; error?: string | null }

// `path` can always be shown; where it is not the name itself, `path_raw` is, in hexadecimal.
export interface Named { path: string; path_raw?: string }

export interface FoundPath extends Named { live: boolean; size: number | null; mtime: Time | null; versions: number }

export interface Version {
  replica: string;
  kind: string;
  hash: string | null;
  size: number | null;
  mtime: Time | null;
  version: string;
  kept: Time | null;
  why: string;
}

export interface Held extends Named {
  id: string;
  why: string;
  since: Time | null;
  until: Time | null;
  next_try: Time | null;
  text: string;
}

export interface Finding {
  kind: string;
  table: string | null;
  key: number | string | null;
  pat_num: number | null;
  path: string | null;
  found_at: string | null;
  where: string | null;
  from: string | null;
  text: string | null;
}

export interface VerifyReport {
  replica: string;
  began: Time;
  ended: Time;
  files: number;
  rows: number;
  finding_count: number;
  counts: Record<string, number>;
  passed_over: unknown[];
}
