// Do the folders of all offices agree? If not: who is behind, by how much, and why.
import { useEffect, useState } from "preact/hooks";
import { traffic } from "../api";
import { language, t, tn, tx, type Key } from "../i18n";
import { useLive, useNow } from "../live";
import { count, duration, Level, moment, When } from "../parts/words";
import { hashOf, type Page } from "../router";
import type { Canary, Database, Health, Overview, Traffic } from "../types";
import { ReplicaCard } from "./replica_card";
import { TrafficPlot } from "./traffic_plot";

const TRAFFIC_EVERY_MS = 60_000;

export function OverviewPage() {
  const { overview } = useLive();
  const now = useNow();
  if (!overview) return <p class="asking" role="status">{t("app.asking")}</p>;
  return (
    <>
      <h1>{t("nav.overview")}</h1>
      <Verdict overview={overview} />
      <NeedsPerson overview={overview} />
      <section aria-labelledby="offices">
        <h2 id="offices">{t("overview.offices")}</h2>
        <ul class="cards">
          {overview.health.map((health) => (
            <li key={health.id}><ReplicaCard health={health} status={overview.status} now={now} /></li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="figures">
        <h2 id="figures">{t("overview.figures")}</h2>
        <div class="tiles">
          <Tile title={t("nav.conflicts")} value={count(overview.conflicts_open)} href={hashOf("conflicts")}
            level={overview.conflicts_open > 0 ? "attention" : "ok"}
            note={overview.conflicts_open > 0 ? t("overview.conflicts.some") : t("overview.conflicts.none")} />
          <HeldTile held={overview.held} />
          <DatabaseTile database={overview.database} now={now} />
          <CanaryTile canary={overview.canary} now={now} />
        </div>
      </section>
      <LastDay />
    </>
  );
}

const worst = (all: Health[]) =>
  all.some((one) => one.level === "bad") ? "bad" : all.some((one) => one.level === "attention") ? "attention" : "ok";

// One sentence that answers the question of the page.
function Verdict({ overview }: { overview: Overview }) {
  const all = overview.health;
  const level = worst(all);
  const names = (of: Health[]) => new Intl.ListFormat(language()).format(of.map((one) => one.name));
  const silent = all.filter((one) => !one.self && !one.connected);
  const behind = all.filter((one) => one.behind.files > 0 || (one.self && !one.in_sync));
  let text = t("overview.agree");
  if (silent.length > 0) text = tn("overview.silent", silent.length, { names: names(silent) });
  else if (behind.length > 0) text = tn("overview.behind", behind.length, { names: names(behind) });
  else if (all.length === 1) text = t("overview.alone");
  else if (level !== "ok") text = t("overview.trouble");
  const shown = level === "ok" && (silent.length > 0 || behind.length > 0) ? "attention" : level;
  return <p class={`verdict ${shown}`} role="status"><Level level={shown}>{text}</Level></p>;
}

const needPages: Record<string, Page> = { conflict: "conflicts", brake: "held", database: "database", frozen: "database" };

function NeedsPerson({ overview }: { overview: Overview }) {
  if (overview.needs_person.length === 0) return null;
  return (
    <section class="needs" aria-labelledby="needs">
      <h2 id="needs">{t("overview.needs")}</h2>
      <ul>
        {overview.needs_person.map((entry, i) => {
          const page = needPages[entry.what];
          const { text, detail } = needWords(entry, overview);
          return <li key={i}>{page ? <a href={hashOf(page)}>{text}</a> : text}{detail && <span class="quiet"> {detail}</span>}</li>;
        })}
      </ul>
    </section>
  );
}

function needWords(entry: Overview["needs_person"][number], overview: Overview): { text: string; detail: string } {
  if (entry.what === "conflict") return { text: tn("needs.conflict", overview.conflicts_open), detail: "" };
  if (entry.what === "brake") return { text: tn("needs.brake", overview.held.brake), detail: "" };
  if (entry.what === "silent") return { text: t("needs.silent"), detail: entry.text };
  const text = tx("needs", entry.what, entry.text);
  return { text, detail: text === entry.text ? "" : entry.text };
}

interface TileProps { title: string; value: string; note: string; level: "ok" | "attention" | "bad" | "off"; href?: string }

function Tile({ title, value, note, level, href }: TileProps) {
  return (
    <div class={`tile ${level}`}>
      <h3>{href ? <a href={href}>{title}</a> : title}</h3>
      <p class="value">{value}</p>
      <p class="note">{note}</p>
    </div>
  );
}

function HeldTile({ held }: { held: Overview["held"] }) {
  const all = held.row + held.locked + held.brake;
  const words: [number, Key][] = [[held.row, "held.count.row"], [held.locked, "held.count.locked"], [held.brake, "held.count.brake"]];
  const note = words.filter(([n]) => n > 0).map(([n, key]) => t(key, { n: count(n) })).join(", ");
  return (
    <Tile title={t("nav.held")} value={count(all)} href={hashOf("held")} note={note || t("held.none")}
      level={held.brake > 0 ? "bad" : all > 0 ? "attention" : "ok"} />
  );
}

function DatabaseTile({ database, now }: { database: Database | null; now: number }) {
  if (!database) {
    return <Tile title={t("overview.database")} value="–" note={t("overview.database.off")} level="off" />;
  }
  const fine = database.state === "connected";
  const counted = database.counted
    ? t("overview.database.counted", {
      missing: count(database.missing_files ?? 0), orphan: count(database.orphan_files ?? 0),
      ago: duration((now - Date.parse(database.counted)) / 1000),
    })
    : "";
  return (
    <Tile title={t("overview.database")} value={tx("database.state", database.state)} href={hashOf("database")}
      note={[database.problem, database.frozen, counted].filter(Boolean).join(" – ")}
      level={fine && !database.frozen ? "ok" : "attention"} />
  );
}

function CanaryTile({ canary, now }: { canary: Canary; now: number }) {
  if (!canary.enabled || !canary.last) {
    const note = canary.enabled ? t("canary.waiting") : t("canary.off");
    return <Tile title={t("canary.title")} value="–" note={note} level="off" />;
  }
  const back = canary.last.round_trips;
  const missing = back.filter((one) => one.round_trip_ms === null);
  const slowest = Math.max(0, ...back.map((one) => one.round_trip_ms ?? 0));
  return (
    <div class={`tile ${missing.length > 0 ? "attention" : "ok"}`}>
      <h3>{t("canary.title")}</h3>
      <p class="value">{missing.length > 0 ? t("canary.missing") : t("canary.back", { seconds: count(slowest / 1000, 1) })}</p>
      <p class="note">
        {missing.length > 0 ? t("canary.missing.at", { names: missing.map((one) => one.peer).join(", ") }) : t("canary.note")}
        {" "}<When time={canary.last.sent} now={now} />
      </p>
    </div>
  );
}

function LastDay() {
  const [found, setFound] = useState<Traffic | null>(null);
  useEffect(() => {
    let gone = false;
    const ask = () => traffic().then((next) => { if (!gone) setFound(next); }, () => {});
    void ask();
    const timer = setInterval(() => void ask(), TRAFFIC_EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  return (
    <section aria-labelledby="day">
      <h2 id="day">{t("traffic.title")}</h2>
      {found && found.samples.length > 0
        ? <TrafficPlot traffic={found} />
        : <p class="quiet">{t("traffic.none")}</p>}
      {found && found.samples.length > 0 &&
        <p class="quiet">{t("traffic.since", { time: moment(found.samples[0]!.t) })}</p>}
    </section>
  );
}
