// What the stand-in answers: a made-up practice of three offices.
import { bmp, dicom, pdf, png, radiograph, tiff } from "../../tests/browser/samples.mjs";

const names = ["Abbott Olivia", "Baker James", "Chen Mei", "Dubois Claire", "Evans Noah", "Fischer Anna", "Garcia Luis", "Haddad Sami", "Ivanova Daria", "Jones Emma"];
const kinds = ["edit-edit", "edit-edit", "create-create", "edit-delete", "late-write"];
const formats = ["png", "dcm", "tif", "bmp", "pdf", "txt"];
const now = Date.now();
const time = (ms) => new Date(ms).toISOString().replace(/\.\d+Z/, "Z");

const media = { png: "image/png", dcm: "application/dicom", tif: "image/tiff", bmp: "image/bmp", pdf: "application/pdf", txt: "text/plain" };

function contents(format, loser) {
  const [width, height] = [720, 540];
  const values = radiograph(width, height, { filling: loser });
  if (format === "png") return png(width, height, values);
  if (format === "bmp") return bmp(width, height, values);
  if (format === "tif") return tiff(width, height, [values, radiograph(width, height, { shift: 0.05 })]);
  if (format === "dcm") return dicom(width, height, values);
  if (format === "pdf") return pdf([["Statement", "", loser ? "Balance: 120.00" : "Balance: 80.00"], ["Page two"]]);
  const lines = Array.from({ length: 40 }, (_, i) => `Line ${i + 1} of the letter.`);
  lines[20] = loser ? "The patient prefers mornings." : "The patient prefers afternoons.";
  return Buffer.from(lines.join("\n"));
}

export class Practice {
  watchers = new Set();
  conflicts = [];
  undos = new Map();
  held = [
    { id: "aa01", why: "row", since: time(now - 240e3), until: time(now + 600e3), next_try: null, text: "no row names it yet", path: "C/ChenMei31/ChenMei412.jpg" },
    { id: "aa02", why: "locked", since: time(now - 60e3), until: null, next_try: time(now + 20e3), text: "a program has it open", path: "E/EvansNoah51/EvansNoah77.tif" },
    { id: "aa03", why: "leaving", since: time(now - 7200e3), until: null, next_try: null, text: "north-office may have it and cannot be reached", path: "D/DuboisClaire41/DuboisClaire5.pdf" },
  ];

  constructor(count) {
    for (let i = 0; i < count; i += 1) {
      const who = names[i % names.length].replace(" ", "");
      const format = formats[i % formats.length];
      const kind = kinds[i % kinds.length];
      const side = (replica, size) => ({ replica, kind: "file", hash: "0".repeat(64), size, mtime: time(now - i * 7e5 - 9e5) });
      const loser = side("van-1", 48211 + i);
      if (kind === "edit-delete") Object.assign(loser, { kind: "deleted", hash: null, size: null, mtime: null });
      this.conflicts.push({
        id: i.toString(16).padStart(12, "0"), path: `${who[0]}/${who}${10 + (i % names.length)}/${who}${i + 100}.${format}`, kind,
        detected: time(now - i * 7e5), state: "open", winner: side(i % 3 ? "main-office" : "north-office", 51220 + i), loser, rule: "the later one stands",
      });
    }
  }

  changed() {
    for (const tell of this.watchers) tell();
  }

  get open() {
    return this.conflicts.filter((one) => one.state === "open");
  }

  overview() {
    const peer = (name, more) => ({
      name, id: name, self: false, level: "ok", connected: true, in_sync: true, behind: { files: 0, bytes: 0 }, oldest_waiting: null, last_agreement: time(now - 30e3),
      last_seen: time(now - 2e3), silent_s: 2, receive_bytes_per_s: 0, send_bytes_per_s: 0, round_trip_ms: 18.4, problem: null, ...more,
    });
    return {
      status: { replica: { id: "x", name: "main-office", root: "/srv/OpenDentImages", version: "0.1.0" }, state: "idle", in_sync: true, files: 20412, directories: 812, bytes: 3812345678, problems: [], last_error: null },
      health: [
        peer("main-office", { self: true }),
        peer("north-office", { level: "attention", in_sync: false, behind: { files: 12, bytes: 48_200_000 }, oldest_waiting: { path: "G/GarciaLuis61/GarciaLuis203.dcm", since: time(now - 95e3), why: "it has not taken everything from here yet" }, send_bytes_per_s: 2_400_000 }),
        peer("van-1", { level: "bad", connected: false, last_seen: time(now - 3 * 3600e3), silent_s: 3 * 3600, round_trip_ms: null, problem: "10.8.0.9:22067: no answer: is the VPN up?" }),
      ],
      held: { row: 1, locked: 1, brake: 0 },
      conflicts_open: this.open.length,
      database: { state: "connected", rows: 20117, missing_files: 3, orphan_files: 8, counted: time(now - 3600e3) },
      canary: { enabled: true, last: { sent: time(now - 120e3), round_trips: [{ peer: "north-office", round_trip_ms: 812 }] } },
      needs_person: this.open.length ? [{ what: "conflict", text: "" }, { what: "silent", text: "van-1 was not seen for 3 hours" }] : [],
    };
  }

  traffic() {
    return {
      step_s: 300,
      samples: Array.from({ length: 288 }, (_, i) => {
        const busy = Math.max(0, Math.sin((i - 60) / 40)) ** 2;
        return { t: time(now - (287 - i) * 300e3), received_bytes: Math.round(busy * 4e6 * (1 + Math.sin(i * 1.7)) / 2), sent_bytes: Math.round(busy * 9e6 * (1 + Math.cos(i * 2.3)) / 2), waiting_files: Math.round(busy * 6) };
      }),
    };
  }

  query(by) {
    const text = by.text.toLowerCase();
    const found = this.conflicts.filter((one) =>
      (by.state === "all" || (by.state === "open") === (one.state === "open")) && (!by.kind || one.kind === by.kind) && one.path.toLowerCase().includes(text) &&
      (!by.office || [one.winner.replica, one.loser.replica].includes(by.office)) && (!by.from || one.detected >= by.from) && (!by.to || one.detected <= by.to));
    found.sort((a, b) => (a[by.sort] < b[by.sort] ? -1 : 1) * (by.descending ? -1 : 1));
    return { total: found.length, offset: by.offset, conflicts: found.slice(by.offset, by.offset + by.limit), offices: ["main-office", "north-office", "van-1"], kinds: [...new Set(kinds)] };
  }

  effects(one, keep) {
    if (keep === "winner") return [{ effect: "stays", path: one.path, text: "" }, { effect: "kept-version", path: one.path, text: "" }];
    if (keep === "both") return [{ effect: "stays", path: one.path, text: "" }, { effect: "new-file", path: one.path.replace(/(\.\w+)$/, " (van-1)$1"), text: "" }];
    return [{ effect: "replaced", path: one.path, text: "" }, { effect: "kept-version", path: one.path, text: "" }];
  }

  detail(one) {
    const format = one.path.split(".").pop();
    const content = (side) => ({ available: side.kind === "file", media_type: media[format], size: side.size ?? 0, previewable: side.kind === "file" });
    return {
      conflict: one, winner: content(one.winner), loser: content(one.loser),
      document: { patient: { pat_num: 12, name: "Sample, Sandra" }, category: "X-rays", date: "2024-05-03", description: "Bitewing right", doc_num: 100 },
      undo: [...this.undos].find(([, ids]) => ids.includes(one.id))?.[0] ?? null,
    };
  }

  decide(decisions) {
    const states = { winner: "kept-winner", loser: "kept-loser", both: "kept-both" };
    for (const { id, keep } of decisions) this.conflicts.find((one) => one.id === id).state = states[keep];
    const undo = `u${this.undos.size + 1}`;
    this.undos.set(undo, decisions.map((one) => one.id));
    this.changed();
    return { results: decisions.map(({ id }) => ({ id, ok: true, error: null })), undo };
  }

  takeBack(undo) {
    const ids = this.undos.get(undo) ?? [];
    this.undos.delete(undo);
    for (const id of ids) this.conflicts.find((one) => one.id === id).state = "open";
    this.changed();
    return { results: ids.map((id) => ({ id, ok: true, error: null })) };
  }

  verify() {
    const findings = Array.from({ length: 230 }, (_, i) => ({ kind: ["missing", "orphan", "several-rows"][i % 3], table: i % 3 === 1 ? null : "document", key: 500 + i, pat_num: 10 + (i % 9), path: `B/BakerJames21/BakerJames${i}.jpg`, found_at: null, where: i % 3 === 0 ? "not-here" : null, from: null, text: null }));
    return [{ progress: "listing files" }, { progress: "reading document" }, { findings }, { replica: "main-office", began: time(now - 9e3), ended: time(now), files: 20412, rows: 20117, finding_count: 230, counts: {}, passed_over: [] }]
      .map((line) => JSON.stringify(line)).join("\n") + "\n";
  }

  answer(method, path, body) {
    const ok = (value) => ({ status: 200, body: value });
    const [, , what, id, verb, which] = path.split("/");
    if (what === "session") return method === "GET" ? ok({ replica: { name: "main-office" }, csrf: "mock" }) : { status: 204 };
    if (path === "/v1/overview") return ok(this.overview());
    if (path === "/v1/traffic") return ok(this.traffic());
    if (path === "/v1/conflicts/query") return ok(this.query(body));
    if (path === "/v1/conflicts/preview") return ok({ items: body.ids.map((one) => ({ id: one, path: this.find(one).path, possible: true, text: "", effects: this.effects(this.find(one), body.keep) })) });
    if (path === "/v1/conflicts/resolve") return ok(this.decide(body.decisions));
    if (path === "/v1/undo") return ok(this.takeBack(body.undo));
    if (what === "conflicts" && this.find(id)) {
      const one = this.find(id);
      const format = one.path.split(".").pop();
      return verb === "content" ? { status: 200, body: contents(format, which === "loser"), type: media[format] } : ok(this.detail(one));
    }
    if (path === "/v1/search") {
      const found = this.conflicts.filter((one) => one.path.toLowerCase().includes(body.text.toLowerCase()));
      return ok({ paths: found.slice(body.offset, body.offset + body.limit).map((one) => ({ path: one.path, live: true, size: one.winner.size, mtime: one.winner.mtime, versions: 2 })), more: found.length > body.offset + body.limit });
    }
    if (path === "/v1/history") return ok({ path: body.path, versions: [["current", null], ["replaced", time(now - 86400e3)], ["deleted", time(now - 9 * 86400e3)]].map(([why, kept], i) => ({ replica: "main-office", kind: "file", hash: "0", size: 51220 - i, mtime: time(now - i * 9e7), version: `v${i}`, kept, why })) });
    if (path === "/v1/version-content") return { status: 200, body: contents(body.path.split(".").pop(), body.version !== "v0"), type: media[body.path.split(".").pop()] };
    if (path === "/v1/restore") return ok({});
    if (path === "/v1/held") return ok(this.held);
    if (what === "held") {
      this.held = this.held.filter((one) => body.path !== "." && one.path !== body.path);
      return ok({});
    }
    if (path === "/v1/verify-db") return { status: 200, body: this.verify(), text: true, type: "application/x-ndjson" };
    return { status: 404, body: { error: "no such thing: look at docs/control-api.md" } };
  }

  find(id) {
    return this.conflicts.find((one) => one.id === id);
  }
}
