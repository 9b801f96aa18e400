// Earlier versions of a file: find the file, look at them, put one back or take it out.
import { useEffect, useState } from "preact/hooks";
import { history, restore, search, versionContent } from "../api";
import { t, tn, tx } from "../i18n";
import { useNow } from "../live";
import { fail, tell } from "../notices";
import { Dialog } from "../parts/dialog";
import { bytes, moment, Path, When } from "../parts/words";
import { parts } from "../pure/format";
import { save } from "../save";
import type { FoundPath, Named, Version } from "../types";
import { VersionLook } from "../viewers/version_look";
import { place } from "./history_place";

const LIMIT = 50;
const TYPING_MS = 300;

export function HistoryPage() {
  const [text, setText] = useState(place.text);
  const [file, setFile] = useState<Named | null>(place.file);
  const [found, setFound] = useState<FoundPath[] | null>(null);
  const [more, setMore] = useState(false);

  useEffect(() => {
    place.text = text;
    if (text.trim() === "") {
      setFound(null);
      return undefined;
    }
    const ending = new AbortController();
    const timer = setTimeout(() => {
      search(text.trim(), 0, LIMIT, ending.signal).then((answer) => {
        setFound(answer.paths);
        setMore(answer.more);
      }, (error: unknown) => { if (!ending.signal.aborted) fail(error); });
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [text]);

  const show = (next: Named | null) => {
    place.file = next;
    setFile(next);
  };
  const further = () => search(text.trim(), found?.length ?? 0, LIMIT).then((answer) => {
    setFound([...found ?? [], ...answer.paths]);
    setMore(answer.more);
  }, fail);

  if (file !== null) return <FileHistory of={file} back={() => show(null)} />;
  return (
    <>
      <h1>{t("nav.history")}</h1>
      <p class="lead">{t("history.lead")}</p>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="wide"><span>{t("history.search")}</span>
          <input type="search" value={text} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </form>
      {found && <p role="status">{more ? tn("history.found.more", found.length) : tn("history.found", found.length)}</p>}
      {found && found.length > 0 && <Found found={found} show={show} />}
      {more && <button onClick={() => void further()}>{t("history.further")}</button>}
    </>
  );
}

function Found({ found, show }: { found: FoundPath[]; show: (file: Named) => void }) {
  return (
    <table class="list">
      <caption class="hidden">{t("history.files")}</caption>
      <thead><tr>
        <th scope="col">{t("conflicts.file")}</th><th scope="col">{t("history.now")}</th>
        <th scope="col">{t("history.versions")}</th>
      </tr></thead>
      <tbody>
        {found.map((one) => (
          <tr key={one.path}>
            <td class="main">
              <span class="path">
                <button class="link file" onClick={() => show(one)}><bdi>{parts(one.path).file}</bdi></button>
                <bdi class="folder">{parts(one.path).folder}</bdi>
              </span>
            </td>
            <td data-label={t("history.now")}>
              {one.live ? `${bytes(one.size ?? 0)}${one.mtime ? `, ${moment(one.mtime)}` : ""}` : t("history.deleted")}
            </td>
            <td data-label={t("history.versions")}>{tn("history.kept", one.versions)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FileHistory({ of, back }: { of: Named; back: () => void }) {
  const { path } = of;
  const [versions, setVersions] = useState<Version[] | null>(null);
  const [looked, setLooked] = useState<string | null>(null);
  const [asked, setAsked] = useState<Version | null>(null);
  const [busy, setBusy] = useState(false);
  const now = useNow(60_000);
  const load = () => history(of).then(setVersions, fail);
  useEffect(() => void load(), [path]);

  const putBack = async (version: Version) => {
    setBusy(true);
    try {
      await restore(of, version.version);
      tell({ kind: "done", text: t("history.restored") });
      await load();
    } catch (error) {
      fail(error);
    }
    setBusy(false);
    setAsked(null);
  };
  const download = async (version: Version) => {
    try {
      save((await versionContent(of, version.version, true)).bytes, parts(path).file);
    } catch (error) {
      fail(error);
    }
  };
  return (
    <>
      <header class="page-head">
        <nav class="crumbs"><button class="link" onClick={back}>{t("history.back")}</button></nav>
        <h1><Path path={path} /></h1>
      </header>
      {versions?.length === 0 && <p class="empty">{t("history.none")}</p>}
      <ol class="versions">
        {versions?.map((version) => (
          <li key={version.version} class={version.kept === null ? "current" : undefined}>
            <VersionHead version={version} now={now} />
            {version.kind === "file" && (
              <div class="actions start">
                <button aria-expanded={looked === version.version}
                  onClick={() => setLooked(looked === version.version ? null : version.version)}>{t("history.look")}</button>
                <button onClick={() => void download(version)}>{t("side.download")}</button>
                {version.kept !== null && <button onClick={() => setAsked(version)}>{t("history.restore")}</button>}
              </div>
            )}
            {looked === version.version && <VersionLook of={of} version={version} />}
          </li>
        ))}
      </ol>
      {asked && (
        <Dialog title={t("history.restore.title")} confirm={t("history.restore")} busy={busy}
          onCancel={() => setAsked(null)} onConfirm={() => void putBack(asked)}>
          <Path path={path} />
          <p>{t("history.restore.what", { time: asked.mtime ? moment(asked.mtime) : "–", office: asked.replica })}</p>
        </Dialog>
      )}
    </>
  );
}

function VersionHead({ version, now }: { version: Version; now: number }) {
  const title = version.kept === null
    ? t(version.kind === "deleted" ? "history.deleted" : "history.current")
    : tx("history.why", version.why);
  return (
    <div class="version-head">
      <h2>{title}</h2>
      <p>
        {version.kind === "file" && <>{bytes(version.size ?? 0)} · </>}
        {version.mtime && <>{t("side.saved")} {moment(version.mtime)} · </>}
        {t("side.from", { office: version.replica })}
        {version.kept && <> · {t("history.since")} <When time={version.kept} now={now} /></>}
      </p>
    </div>
  );
}
