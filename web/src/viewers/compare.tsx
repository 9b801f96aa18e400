// The two versions beside one another, over one another, or what differs between them.
import { useEffect, useState } from "preact/hooks";
import { conflictContent, conflictContentPath } from "../api";
import { t, type Key } from "../i18n";
import { useShortcuts } from "../keys";
import { bytes, moment } from "../parts/words";
import type { ConflictDetail, Content, Side, Which } from "../types";
import { open, type Opened, type Raster } from "./open";
import { Overlaid, type OverMode } from "./overlaid";
import { RasterPane, WindowSliders } from "./raster_pane";
import { TextDifference, TextPane } from "./text_pane";
import type { Window } from "../pure/window";

type Mode = "beside" | OverMode;
type State = Opened | "loading" | "absent" | "large" | { failed: string };

// Above this a version is fetched only when asked for.
const BYTES_AT_ONCE_MAX = 64e6;

function useVersion(id: string, which: Which, content: Content): [State, () => void] {
  const start = !content.available ? "absent"
    : !content.previewable ? { kind: "none", why: "no-viewer", detail: content.media_type } as const
      : content.size > BYTES_AT_ONCE_MAX ? "large" : "loading";
  const [state, setState] = useState<State>(start);
  useEffect(() => {
    if (state !== "loading") return undefined;
    const ending = new AbortController();
    conflictContent(id, which, ending.signal).then(open).then(setState, (error: unknown) => {
      if (!ending.signal.aborted) setState({ failed: error instanceof Error ? error.message : String(error) });
    });
    return () => ending.abort();
  }, [state]);
  return [state, () => setState("loading")];
}

const opened = (state: State): Opened | null => (typeof state === "object" && "kind" in state ? state : null);
const rasterOf = (state: State): Raster | null => {
  const found = opened(state);
  return found?.kind === "raster" ? found : null;
};

export function Compare({ detail }: { detail: ConflictDetail }) {
  const { id } = detail.conflict;
  const [left, loadLeft] = useVersion(id, "winner", detail.winner);
  const [right, loadRight] = useVersion(id, "loser", detail.loser);
  const [mode, setMode] = useState<Mode>("beside");
  const [page, setPage] = useState(0);
  const [window, setWindow] = useState<Window | null>(null);
  const [zoom, setZoom] = useState<number | null>(null);

  const pictures = [rasterOf(left), rasterOf(right)] as const;
  const texts = [opened(left), opened(right)] as const;
  const bothText = texts[0]?.kind === "text" && texts[1]?.kind === "text";
  const bothPictures = pictures[0] !== null && pictures[1] !== null;
  const modes: Mode[] = bothPictures ? ["beside", "slider", "blink", "difference"] : bothText ? ["beside", "difference"] : ["beside"];
  const shown = modes.includes(mode) ? mode : "beside";
  useShortcuts({
    v: () => setMode(modes[(modes.indexOf(shown) + 1) % modes.length]!),
    b: () => { if (modes.includes("blink")) setMode("blink"); },
  });

  const pages = Math.max(pictures[0]?.pages ?? 1, pictures[1]?.pages ?? 1);
  const windowed = pictures[0]?.window ? pictures[0] : pictures[1]?.window ? pictures[1] : null;
  const view = { page, window, zoom };
  return (
    <section class="compare" aria-label={t("compare.label")}>
      <div class="tools">
        {modes.length > 1 && <Modes modes={modes} mode={shown} set={setMode} />}
        {pages > 1 && <Pages page={page} pages={pages} set={setPage} />}
        {(pictures[0] || pictures[1]) && shown === "beside" && <Zoom zoom={zoom} set={setZoom} />}
        {windowed && <WindowSliders raster={windowed} window={window ?? windowed.window!} set={setWindow} />}
      </div>
      {shown === "beside" || !(bothText || bothPictures)
        ? <div class="panes">
          <Pane which="winner" detail={detail} state={left} load={loadLeft} view={view} />
          <Pane which="loser" detail={detail} state={right} load={loadRight} view={view} />
        </div>
        : <>
          {bothPictures && <Overlaid left={pictures[0]!} right={pictures[1]!} mode={shown} page={page} window={window} />}
          {bothText && <TextDifference left={(texts[0] as { text: string }).text} right={(texts[1] as { text: string }).text} />}
          <div class="panes facts-only">
            <PaneHead which="winner" detail={detail} />
            <PaneHead which="loser" detail={detail} />
          </div>
        </>}
    </section>
  );
}

function Modes({ modes, mode, set }: { modes: Mode[]; mode: Mode; set: (mode: Mode) => void }) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{t("compare.mode")}</legend>
      {modes.map((one) => (
        <label key={one}>
          <input type="radio" name="mode" checked={mode === one} onChange={() => set(one)} />
          <span>{t(`compare.${one}` as Key)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Pages({ page, pages, set }: { page: number; pages: number; set: (page: number) => void }) {
  return (
    <div class="stepper" role="group" aria-label={t("compare.pages")}>
      <button disabled={page === 0} aria-label={t("compare.page.back")} onClick={() => set(page - 1)}>‹</button>
      <span role="status">{t("compare.page", { page: page + 1, pages })}</span>
      <button disabled={page >= pages - 1} aria-label={t("compare.page.on")} onClick={() => set(page + 1)}>›</button>
    </div>
  );
}

function Zoom({ zoom, set }: { zoom: number | null; set: (zoom: number | null) => void }) {
  return (
    <label class="inline">
      <span>{t("compare.zoom")}</span>
      <select value={zoom === null ? "" : String(zoom)} onChange={(event) => set(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}>
        <option value="">{t("compare.fit")}</option>
        {[1, 2, 4].map((one) => <option key={one} value={String(one)}>{one * 100} %</option>)}
      </select>
    </label>
  );
}

function PaneHead({ which, detail }: { which: Which; detail: ConflictDetail }) {
  const side: Side = detail.conflict[which];
  const open = detail.conflict.state === "open";
  return (
    <header>
      <h2><span class="letter" aria-hidden="true">{which === "winner" ? "A" : "B"}</span>{t(`side.${which}` as Key)}</h2>
      <p class="origin">{t("side.from", { office: side.replica })}</p>
      <dl>
        {side.kind === "file" && side.size !== null && <div><dt>{t("side.size")}</dt><dd>{bytes(side.size)}</dd></div>}
        {side.mtime && <div><dt>{t("side.saved")}</dt><dd>{moment(side.mtime)}</dd></div>}
        <div><dt>{t("side.now")}</dt><dd>{open ? t(`side.now.${which}` as Key) : t("side.now.decided")}</dd></div>
      </dl>
    </header>
  );
}

interface PaneProps {
  which: Which;
  detail: ConflictDetail;
  state: State;
  load: () => void;
  view: { page: number; window: Window | null; zoom: number | null };
}

function Pane({ which, detail, state, load, view }: PaneProps) {
  const side = detail.conflict[which];
  const content = detail[which];
  const label = t(which === "winner" ? "side.picture.winner" : "side.picture.loser");
  return (
    <article class={`pane ${which}`}>
      <PaneHead which={which} detail={detail} />
      <div class="look"><Look state={state} side={side} content={content} load={load} label={label} view={view} /></div>
      {content.available && (
        <a class="download" href={`${conflictContentPath(detail.conflict.id, which)}?download=1`} download>{t("side.download")}</a>
      )}
    </article>
  );
}

interface LookProps { state: State; side: Side; content: Content; load: () => void; label: string; view: PaneProps["view"] }

function Look({ state, side, content, load, label, view }: LookProps) {
  if (side.kind === "deleted") return <p class="nothing">{t("look.deleted")}</p>;
  if (side.kind === "directory") return <p class="nothing">{t("look.directory")}</p>;
  if (state === "loading") return <p class="nothing" role="status">{t("look.loading")}</p>;
  if (state === "absent") return <p class="nothing">{t("look.absent")}</p>;
  if (state === "large") {
    return <p class="nothing">{t("look.large", { size: bytes(content.size) })} <button onClick={load}>{t("look.anyway")}</button></p>;
  }
  if ("failed" in state) return <p class="nothing problem">{state.failed}</p>;
  if (state.kind === "text") return <TextPane text={state.text} cut={state.cut} label={label} />;
  if (state.kind === "raster") return <RasterPane raster={state} label={label} {...view} />;
  return (
    <p class="nothing">
      {t(state.why === "damaged" ? "look.damaged" : "look.no-viewer")}
      <span class="detail">{state.detail}</span>
    </p>
  );
}
