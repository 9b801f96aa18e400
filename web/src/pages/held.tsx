// What waits, for what, since when – and the two things a person can say about it.
import { useEffect, useState } from "preact/hooks";
import { held, release, revert } from "../api";
import { t, tn, tx } from "../i18n";
import { useLive, useNow } from "../live";
import { fail, tell } from "../notices";
import { Dialog } from "../parts/dialog";
import { moment, Path, When } from "../parts/words";
import type { Held } from "../types";

type Asked = { entry: Held; what: "release" | "revert" } | { entry: null; what: "release" | "revert"; count: number };

const SHOWN = 500;
const EVERYTHING = { path: "." };

export function HeldPage() {
  const [entries, setEntries] = useState<Held[] | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [busy, setBusy] = useState(false);
  const { overview } = useLive();
  const counts = JSON.stringify(overview?.held ?? null);
  const load = () => held().then(setEntries, fail);
  useEffect(() => void load(), [counts]);

  const act = async () => {
    if (!asked) return;
    setBusy(true);
    try {
      await (asked.what === "release" ? release : revert)(asked.entry ?? EVERYTHING);
      tell({ kind: "done", text: t(`held.${asked.what}.done`) });
      await load();
    } catch (error) {
      fail(error);
    }
    setBusy(false);
    setAsked(null);
  };
  const braked = entries?.filter((entry) => entry.why === "brake").length ?? 0;
  return (
    <>
      <h1>{t("nav.held")}</h1>
      <p class="lead">{t("held.lead")}</p>
      {braked > 0 && (
        <div class="brake" role="alert">
          <h2>{t("held.brake.title")}</h2>
          <p>{tn("held.brake.what", braked)}</p>
          <div class="actions start">
            <button onClick={() => setAsked({ entry: null, what: "revert", count: braked })}>{t("held.brake.revert")}</button>
            <button onClick={() => setAsked({ entry: null, what: "release", count: braked })}>{t("held.brake.release")}</button>
          </div>
        </div>
      )}
      {entries?.length === 0 && <p class="empty">{t("held.empty")}</p>}
      {entries && entries.length > 0 && <>
        <p role="status">{tn("held.found", entries.length)}</p>
        <HeldList entries={entries.slice(0, SHOWN)} ask={setAsked} />
        {entries.length > SHOWN && <p class="quiet">{tn("held.more", entries.length - SHOWN)}</p>}
      </>}
      {asked && (
        <Dialog title={t(`held.${asked.what}.title`)} confirm={t(`held.${asked.what}`)} busy={busy}
          onCancel={() => setAsked(null)} onConfirm={() => void act()}>
          {asked.entry ? <Path path={asked.entry.path} /> : <p>{tn("held.all", asked.count)}</p>}
          <p>{tx(`held.${asked.what}.what`, asked.entry?.why ?? "brake", "")}</p>
        </Dialog>
      )}
    </>
  );
}

function HeldList({ entries, ask }: { entries: Held[]; ask: (asked: Asked) => void }) {
  const now = useNow();
  return (
    <table class="list">
      <caption class="hidden">{t("nav.held")}</caption>
      <thead><tr>
        <th scope="col">{t("conflicts.file")}</th><th scope="col">{t("held.why")}</th>
        <th scope="col">{t("held.since")}</th><th scope="col">{t("held.until")}</th>
        <th scope="col"><span class="hidden">{t("held.actions")}</span></th>
      </tr></thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class="main"><Path path={entry.path} /></td>
            <td data-label={t("held.why")}>{tx("held.kind", entry.why)}<span class="note">{entry.text}</span></td>
            <td data-label={t("held.since")}>{entry.since ? <When time={entry.since} now={now} /> : "–"}</td>
            <td data-label={t("held.until")}>{until(entry)}</td>
            <td class="row-actions">
              <div>
                <button onClick={() => ask({ entry, what: "release" })}>{t("held.release")}</button>
                {["leaving", "brake"].includes(entry.why) &&
                  <button onClick={() => ask({ entry, what: "revert" })}>{t("held.revert")}</button>}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function until(entry: Held): string {
  if (entry.next_try) return t("held.next", { time: moment(entry.next_try) });
  if (entry.until) return moment(entry.until);
  return t(entry.why === "locked" ? "held.free" : "held.person");
}
