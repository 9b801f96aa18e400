// One conflict: two versions of a file, and the question which one it shall be.
import { useEffect, useRef, useState } from "preact/hooks";
import { conflict as ask, conflicts, preview } from "../api";
import { t, tx } from "../i18n";
import { useShortcuts } from "../keys";
import { useNow } from "../live";
import { fail } from "../notices";
import { Effects } from "../parts/effects";
import { kindWords, moment, stateWords, When } from "../parts/words";
import { day, parts } from "../pure/format";
import { language } from "../i18n";
import { go, hashOf } from "../router";
import type { Conflict, ConflictDetail, DocumentRow, Keep, PreviewItem } from "../types";
import { Compare } from "../viewers/compare";
import { everything, listed } from "./conflict_query";
import { decide, takeBack, tellOutcome } from "./decide";
import { showHistory } from "./history_place";

const keeps: Keep[] = ["winner", "loser", "both"];

export function ConflictPage({ id }: { id: string }) {
  const [detail, setDetail] = useState<ConflictDetail | null>(null);
  const [error, setError] = useState("");
  const [next, setNext] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const load = () => ask(id).then(setDetail, (failed: unknown) => setError(failed instanceof Error ? failed.message : String(failed)));
  useEffect(() => {
    void load();
    nextOpen(id).then(setNext, () => {});
  }, [id]);

  const act = async (keep: Keep) => {
    setBusy(true);
    try {
      tellOutcome(await decide([id], keep), () => void load());
      await load();
    } catch (failed) {
      fail(failed);
    } finally {
      setBusy(false);
    }
  };
  const back = async (undo: string) => {
    setBusy(true);
    try {
      await takeBack([undo]);
      await load();
    } catch (failed) {
      fail(failed);
    } finally {
      setBusy(false);
    }
  };
  useShortcuts({ n: () => { if (next) go("conflict", next); } });

  if (error) {
    return <><h1>{t("conflict.title")}</h1><p class="problem" role="alert">{error}</p><p><a href={hashOf("conflicts")}>{t("conflict.back")}</a></p></>;
  }
  if (!detail) return <p class="asking" role="status">{t("app.asking")}</p>;
  const { conflict } = detail;
  return (
    <>
      <Head conflict={conflict} document={detail.document} next={next} />
      <Compare detail={detail} />
      {conflict.state === "open"
        ? <Decision conflict={conflict} busy={busy} act={(keep) => void act(keep)} />
        : <Decided detail={detail} busy={busy} next={next} back={(undo) => void back(undo)} />}
    </>
  );
}

// The one after this in the list that was looked at, else the oldest open one.
async function nextOpen(id: string): Promise<string | null> {
  const at = listed.ids.indexOf(id);
  const after = at >= 0 ? listed.ids[at + 1] : undefined;
  if (after) return after;
  const found = await conflicts({ ...everything, descending: false, limit: 2 });
  return found.conflicts.find((one) => one.id !== id)?.id ?? null;
}

function Head({ conflict, document, next }: { conflict: Conflict; document: DocumentRow | null; next: string | null }) {
  const now = useNow(60_000);
  const { file, folder } = parts(conflict.path);
  return (
    <header class="page-head">
      <nav class="crumbs" aria-label={t("conflict.where")}>
        <a href={hashOf("conflicts")}>{t("conflict.back")}</a>
        {next && <a class="next" href={hashOf("conflict", next)}>{t("conflict.next")} <span aria-hidden="true">→</span></a>}
      </nav>
      <h1><bdi class="break">{file}</bdi></h1>
      <p class="sub">
        <bdi class="break">{folder}</bdi>
        <span>{t("conflict.detected")} <When time={conflict.detected} now={now} /></span>
        <a href={hashOf("history")} onClick={() => showHistory({ path: conflict.path, ...(conflict.path_raw ? { path_raw: conflict.path_raw } : {}) })}>{t("conflict.history")}</a>
      </p>
      {document && <Row document={document} />}
      <p class="explain"><strong>{kindWords(conflict.kind)}.</strong> {tx("kind.what", conflict.kind, conflict.rule)}</p>
      {conflict.other_path && <p class="explain">{t("conflict.other")} <bdi class="break">{conflict.other_path}</bdi></p>}
    </header>
  );
}

// What the practice's database says about the file.
function Row({ document }: { document: DocumentRow }) {
  return (
    <dl class="row-facts">
      {document.patient && <div><dt>{t("row.patient")}</dt><dd>{document.patient.name} ({document.patient.pat_num})</dd></div>}
      {document.category && <div><dt>{t("row.category")}</dt><dd>{document.category}</dd></div>}
      {day(document.date ?? "", language()) && <div><dt>{t("row.date")}</dt><dd>{day(document.date ?? "", language())}</dd></div>}
      {document.description && <div><dt>{t("row.description")}</dt><dd>{document.description}</dd></div>}
    </dl>
  );
}

function Decision({ conflict, busy, act }: { conflict: Conflict; busy: boolean; act: (keep: Keep) => void }) {
  const [ahead, setAhead] = useState<Partial<Record<Keep, PreviewItem>>>({});
  const buttons = useRef<Partial<Record<Keep, HTMLButtonElement | null>>>({});
  useEffect(() => {
    for (const keep of keeps) {
      preview([conflict.id], keep).then(([item]) => {
        if (item) setAhead((before) => ({ ...before, [keep]: item }));
      }, () => {});
    }
  }, [conflict.id]);
  // A key leads to its button; only the button decides.
  const focus = (keep: Keep) => buttons.current[keep]?.focus();
  useShortcuts({ 1: () => focus("winner"), 2: () => focus("loser"), 3: () => focus("both") });
  return (
    <section class="decision" aria-labelledby="decision">
      <h2 id="decision">{t("decision.question")}</h2>
      <div class="choices">
        {keeps.map((keep, i) => {
          const item = ahead[keep];
          return (
            <div class={`choice ${keep}`} key={keep}>
              <button ref={(button) => { buttons.current[keep] = button; }} class="big" disabled={busy || item?.possible === false}
                aria-describedby={`what-${keep}`} aria-keyshortcuts={String(i + 1)} onClick={() => act(keep)}>
                {t(`decision.${keep}`)}
              </button>
              <div id={`what-${keep}`} class="what">
                {!item && <p>{t(`decision.what.${keep}`)}</p>}
                {item?.possible === false && <p class="problem">{item.text}</p>}
                {item?.possible && <Effects effects={item.effects} />}
              </div>
            </div>
          );
        })}
      </div>
      <p class="quiet">{t("decision.undo")}</p>
    </section>
  );
}

interface DecidedProps { detail: ConflictDetail; busy: boolean; next: string | null; back: (undo: string) => void }

function Decided({ detail, busy, next, back }: DecidedProps) {
  const { conflict, undo } = detail;
  return (
    <section class="decision decided" aria-labelledby="decision">
      <h2 id="decision">{stateWords(conflict.state)}</h2>
      <p>{tx("state.what", conflict.state, "")}</p>
      <div class="actions start">
        {undo && <button disabled={busy} onClick={() => back(undo)}>{t("undo.button")}</button>}
        {next && <a class="button primary" href={hashOf("conflict", next)}>{t("conflict.next")}</a>}
        {!next && <a class="button" href={hashOf("conflicts")}>{t("conflict.back")}</a>}
      </div>
      {conflict.loser.kept_at && <p class="quiet">{t("conflict.detected")} {moment(conflict.detected)}</p>}
    </section>
  );
}
