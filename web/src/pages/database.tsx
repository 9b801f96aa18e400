// Rows against files: runs the agent's report, shows what it finds while it runs.
import { useEffect, useRef, useState } from "preact/hooks";
import { stream } from "../api";
import { t, tn, tx } from "../i18n";
import { useLive } from "../live";
import { fail } from "../notices";
import { count, moment, Path } from "../parts/words";
import { csv } from "../pure/csv";
import { arranged, type Sorting } from "../pure/findings";
import { save } from "../save";
import type { Finding, VerifyReport } from "../types";
import { Pager } from "./conflicts";

const COLUMNS = ["kind", "table", "key", "pat_num", "path", "found_at", "where", "from", "text"];
const PAGE = 100;

// Kept while the page is open: a report takes long, and one looks at files in between.
let kept: { findings: Finding[]; report: VerifyReport | null } = { findings: [], report: null };

export function DatabasePage() {
  const [findings, setFindings] = useState<Finding[]>(kept.findings);
  const [report, setReport] = useState<VerifyReport | null>(kept.report);
  const [progress, setProgress] = useState("");
  const [cluster, setCluster] = useState(true);
  const running = useRef<AbortController | null>(null);
  const { overview } = useLive();

  useEffect(() => () => running.current?.abort(), []);
  const run = async () => {
    const ending = new AbortController();
    running.current = ending;
    let all: Finding[] = [];
    setReport(null);
    setFindings([]);
    setProgress(t("database.starting"));
    try {
      await stream("/v1/verify-db", { cluster, limit: 0 }, (line) => {
        if (typeof line["error"] === "string") throw new Error(line["error"]);
        if (typeof line["progress"] === "string") setProgress(line["progress"]);
        else if (Array.isArray(line["findings"]) && line["began"] === undefined) {
          all = [...all, ...line["findings"] as Finding[]];
          setFindings(all);
        } else setReport(kept.report = line as unknown as VerifyReport);
      }, ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) fail(error);
    }
    kept.findings = all;
    running.current = null;
    setProgress("");
  };

  const off = overview !== null && overview.database === null;
  return (
    <>
      <h1>{t("nav.database")}</h1>
      <p class="lead">{t("database.lead")}</p>
      {off ? <p class="empty">{t("database.off")}</p> : (
        <div class="actions start">
          {progress === ""
            ? <button class="primary" onClick={() => void run()}>{t("database.run")}</button>
            : <button onClick={() => running.current?.abort()}>{t("app.cancel")}</button>}
          <label class="check">
            <input type="checkbox" checked={cluster} disabled={progress !== ""} onChange={(event) => setCluster(event.currentTarget.checked)} />
            {t("database.cluster")}
          </label>
        </div>
      )}
      {progress !== "" && <div class="progress" role="status"><progress aria-label={t("database.running")} /><p>{progress}</p></div>}
      {report && <Summary report={report} />}
      {(findings.length > 0 || report) && <Findings findings={findings} />}
    </>
  );
}

function Summary({ report }: { report: VerifyReport }) {
  return (
    <p class={`verdict ${report.finding_count === 0 ? "ok" : "attention"}`} role="status">
      {report.finding_count === 0 ? t("database.fine") : tn("database.found", report.finding_count)}{" "}
      {t("database.compared", { rows: count(report.rows), files: count(report.files), time: moment(report.ended) })}
    </p>
  );
}

function Findings({ findings }: { findings: Finding[] }) {
  const [sorting, setSorting] = useState<Sorting>({ column: "path", descending: false });
  const [kind, setKind] = useState("");
  const [text, setText] = useState("");
  const [offset, setOffset] = useState(0);
  const shown = arranged(findings, { kind, text, sorting });
  const kinds = [...new Set(findings.map((one) => one.kind))].sort();
  const sortBy = (column: Sorting["column"], name: string) => {
    const mine = sorting.column === column;
    return (
      <th scope="col" aria-sort={mine ? (sorting.descending ? "descending" : "ascending") : undefined}>
        <button class="sort" onClick={() => setSorting({ column, descending: mine && !sorting.descending })}>
          {name}<span aria-hidden="true">{mine ? (sorting.descending ? " ▼" : " ▲") : ""}</span>
        </button>
      </th>
    );
  };
  return (
    <>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label><span>{t("database.kind")}</span>
          <select value={kind} onChange={(event) => { setKind(event.currentTarget.value); setOffset(0); }}>
            <option value="">{t("filter.every")}</option>
            {kinds.map((one) => <option key={one} value={one}>{tx("finding", one)}</option>)}
          </select>
        </label>
        <label class="wide"><span>{t("filter.text")}</span>
          <input type="search" value={text} autocomplete="off" onInput={(event) => { setText(event.currentTarget.value); setOffset(0); }} />
        </label>
        <button disabled={shown.length === 0} onClick={() =>
          save(csv(COLUMNS, shown as unknown as Record<string, unknown>[]), "verify-db.csv")}>{t("database.csv")}</button>
      </form>
      <p role="status">{tn("database.shown", shown.length)}</p>
      {shown.length > 0 && (
        <table class="list">
          <caption class="hidden">{t("nav.database")}</caption>
          <thead><tr>
            {sortBy("kind", t("database.kind"))}{sortBy("path", t("conflicts.file"))}
            {sortBy("pat_num", t("database.patient"))}{sortBy("table", t("database.row"))}
            <th scope="col">{t("database.where")}</th>
          </tr></thead>
          <tbody>
            {shown.slice(offset, offset + PAGE).map((one, i) => (
              <tr key={offset + i}>
                <td data-label={t("database.kind")}>{tx("finding", one.kind)}</td>
                <td class="main">{one.path ? <Path path={one.path} /> : "–"}</td>
                <td data-label={t("database.patient")}>{one.pat_num || "–"}</td>
                <td data-label={t("database.row")}>{one.table ? `${one.table} ${one.key ?? ""}` : "–"}</td>
                <td data-label={t("database.where")}>{whereOf(one)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pager query={{ offset, limit: PAGE }} total={shown.length} move={setOffset} />
    </>
  );
}

function whereOf(one: Finding): string {
  const where = one.where ? tx("finding.where", one.where) : "";
  return [where, one.from ?? "", one.found_at ?? "", one.text ?? ""].filter(Boolean).join(" · ") || "–";
}
