// The list of conflicts: find, page, choose many, decide them together.
import { useEffect, useRef, useState } from "preact/hooks";
import { conflicts } from "../api";
import { t, tn } from "../i18n";
import { useLive, useNow } from "../live";
import { fail } from "../notices";
import { kindWords, Path, sideWords, stateWords, When } from "../parts/words";
import { parts } from "../pure/format";
import { hashOf } from "../router";
import type { Conflict, ConflictPage, ConflictQuery, Keep } from "../types";
import { BulkDialog } from "./bulk";
import { ConflictFilters } from "./conflict_filters";
import { listed } from "./conflict_query";

const TYPING_MS = 250;

export function ConflictsPage() {
  const [query, setQuery] = useState(listed.query);
  const [page, setPage] = useState<ConflictPage | null>(null);
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [bulk, setBulk] = useState<{ ids: string[]; keep: Keep } | null>(null);
  const [turn, setTurn] = useState(0);  // asked anew when it grows
  const { overview } = useLive();
  const open = overview?.conflicts_open;

  useEffect(() => {
    listed.query = query;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      conflicts(query, ending.signal).then((found) => {
        setPage(found);
        listed.ids = found.conflicts.map((one) => one.id);
      }, (error: unknown) => {
        if (!ending.signal.aborted) fail(error);
      });
    }, page === null ? 0 : TYPING_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [query, turn, open]);

  const change = (next: Partial<ConflictQuery>) => {
    setChosen(new Set());
    setQuery({ ...query, offset: 0, ...next });
  };
  const toggle = (ids: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) if (on) next.add(id); else next.delete(id);
    setChosen(next);
  };
  return (
    <>
      <h1>{t("nav.conflicts")}</h1>
      <p class="lead">{t("conflicts.lead")}</p>
      <ConflictFilters query={query} page={page} change={change} />
      {page && <>
        <ListHead query={query} page={page} chosen={chosen} toggle={toggle} decide={(ids, keep) => setBulk({ ids, keep })} />
        {page.total === 0
          ? <p class="empty">{query.state === "open" && !isFiltered(query) ? t("conflicts.none") : t("conflicts.nothing")}</p>
          : <List page={page} query={query} chosen={chosen} toggle={toggle} change={change} />}
        <Pager query={query} total={page.total} move={(offset) => setQuery({ ...query, offset })} />
        <p class="quiet export">
          {t("conflicts.export")}{" "}
          <a href="/v1/export/conflicts.csv" download>CSV</a>{" · "}
          <a href="/v1/export/conflicts.html" download>HTML</a>
        </p>
      </>}
      {bulk && <BulkDialog ids={bulk.ids} keep={bulk.keep} close={(decided) => {
        setBulk(null);
        if (decided) {
          setChosen(new Set());
          setTurn(turn + 1);
        }
      }} changed={() => setTurn((before) => before + 1)} />}
    </>
  );
}

const isFiltered = (query: ConflictQuery) =>
  query.kind !== "" || query.office !== "" || query.text !== "" || query.from !== "" || query.to !== "";

interface HeadProps {
  query: ConflictQuery;
  page: ConflictPage;
  chosen: Set<string>;
  toggle: (ids: string[], on: boolean) => void;
  decide: (ids: string[], keep: Keep) => void;
}

// How many there are, and what to do with those that are chosen.
function ListHead({ query, page, chosen, toggle, decide }: HeadProps) {
  const [gathering, setGathering] = useState(false);
  const gather = async () => {
    setGathering(true);
    try {
      toggle(await allIds(query), true);
    } catch (error) {
      fail(error);
    } finally {
      setGathering(false);
    }
  };
  const ids = [...chosen];
  return (
    <div class="list-head">
      <p role="status">{tn("conflicts.found", page.total)}</p>
      {chosen.size > 0 && (
        <div class="bulk" role="group" aria-label={t("bulk.label")}>
          <strong>{tn("bulk.chosen", chosen.size)}</strong>
          {chosen.size < page.total && (
            <button class="link" disabled={gathering} onClick={() => void gather()}>{tn("bulk.all", page.total)}</button>
          )}
          <button class="link" onClick={() => toggle(ids, false)}>{t("bulk.none")}</button>
          <span class="bulk-actions">
            <button onClick={() => decide(ids, "winner")}>{t("bulk.winner")}</button>
            <button onClick={() => decide(ids, "loser")}>{t("bulk.loser")}</button>
            <button onClick={() => decide(ids, "both")}>{t("bulk.both")}</button>
          </span>
        </div>
      )}
    </div>
  );
}

const GATHER_MAX = 500;

async function allIds(query: ConflictQuery): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await conflicts({ ...query, offset: ids.length, limit: GATHER_MAX });
    ids.push(...page.conflicts.map((one) => one.id));
    if (page.conflicts.length === 0 || ids.length >= page.total) return ids;
  }
}

interface ListProps {
  page: ConflictPage;
  query: ConflictQuery;
  chosen: Set<string>;
  toggle: (ids: string[], on: boolean) => void;
  change: (next: Partial<ConflictQuery>) => void;
}

function List({ page, query, chosen, toggle, change }: ListProps) {
  const now = useNow(60_000);
  const all = useRef<HTMLInputElement>(null);
  const here = page.conflicts.filter((one) => one.state === "open").map((one) => one.id);
  const count = here.filter((id) => chosen.has(id)).length;
  useEffect(() => {
    if (all.current) all.current.indeterminate = count > 0 && count < here.length;
  });
  const sorted = (sort: ConflictQuery["sort"], key: "conflicts.file" | "conflicts.kind" | "conflicts.age") => {
    const mine = query.sort === sort;
    return (
      <th scope="col" aria-sort={mine ? (query.descending ? "descending" : "ascending") : undefined}>
        <button class="sort" onClick={() => change({ sort, descending: mine ? !query.descending : sort === "detected" })}>
          {t(key)}<span aria-hidden="true">{mine ? (query.descending ? " ▼" : " ▲") : ""}</span>
        </button>
      </th>
    );
  };
  return (
    <table class="list">
      <caption class="hidden">{t("nav.conflicts")}</caption>
      <thead>
        <tr>
          <th scope="col" class="pick">
            {here.length > 0 && <input ref={all} type="checkbox" aria-label={t("conflicts.pick.all")} checked={count === here.length}
              onChange={(event) => toggle(here, event.currentTarget.checked)} />}
          </th>
          {sorted("path", "conflicts.file")}
          {sorted("kind", "conflicts.kind")}
          <th scope="col">{t("conflicts.versions")}</th>
          {sorted("detected", "conflicts.age")}
        </tr>
      </thead>
      <tbody>
        {page.conflicts.map((one) => <Row key={one.id} conflict={one} now={now} chosen={chosen.has(one.id)} toggle={toggle} />)}
      </tbody>
    </table>
  );
}

interface RowProps { conflict: Conflict; now: number; chosen: boolean; toggle: (ids: string[], on: boolean) => void }

function Row({ conflict, now, chosen, toggle }: RowProps) {
  const { file } = parts(conflict.path);
  const open = conflict.state === "open";
  return (
    <tr class={chosen ? "chosen" : undefined}>
      <td class="pick">
        {open && <input type="checkbox" checked={chosen} aria-label={t("conflicts.pick", { file })}
          onChange={(event) => toggle([conflict.id], event.currentTarget.checked)} />}
      </td>
      <td class="main"><Path path={conflict.path} href={hashOf("conflict", conflict.id)} /></td>
      <td data-label={t("conflicts.kind")}>
        {kindWords(conflict.kind)}
        {!open && <span class="tag">{stateWords(conflict.state)}</span>}
      </td>
      <td data-label={t("conflicts.versions")} class="sides">
        <span><b>A</b> {sideWords(conflict.winner)}</span>
        <span><b>B</b> {sideWords(conflict.loser)}</span>
      </td>
      <td data-label={t("conflicts.age")} class="age"><When time={conflict.detected} now={now} /></td>
    </tr>
  );
}

export function Pager({ query, total, move }: { query: { offset: number; limit: number }; total: number; move: (offset: number) => void }) {
  if (total <= query.limit) return null;
  const last = Math.floor((total - 1) / query.limit) * query.limit;
  return (
    <nav class="pager" aria-label={t("pager.label")}>
      <button disabled={query.offset === 0} onClick={() => move(0)}>{t("pager.first")}</button>
      <button disabled={query.offset === 0} onClick={() => move(Math.max(0, query.offset - query.limit))}>{t("pager.back")}</button>
      <span>{t("pager.where", { from: query.offset + 1, to: Math.min(total, query.offset + query.limit), total })}</span>
      <button disabled={query.offset >= last} onClick={() => move(query.offset + query.limit)}>{t("pager.on")}</button>
      <button disabled={query.offset >= last} onClick={() => move(last)}>{t("pager.last")}</button>
    </nav>
  );
}
