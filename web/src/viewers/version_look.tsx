import { useEffect, useState } from "preact/hooks";
import { versionContent } from "../api";
import { t } from "../i18n";
import type { Window } from "../pure/window";
import type { Named, Version } from "../types";
import { open, type Opened } from "./open";
import { RasterPane, WindowSliders } from "./raster_pane";
import { TextPane } from "./text_pane";

export function VersionLook({ of, version }: { of: Named; version: Version }) {
  const [found, setFound] = useState<Opened | { failed: string } | null>(null);
  const [window, setWindow] = useState<Window | null>(null);
  const [page, setPage] = useState(0);
  useEffect(() => {
    versionContent(of, version.version, false).then(open).then(setFound, (error: unknown) =>
      setFound({ failed: error instanceof Error ? error.message : String(error) }));
  }, [of, version.version]);
  const label = t("history.look.label");
  if (!found) return <p class="nothing" role="status">{t("look.loading")}</p>;
  if ("failed" in found) return <p class="nothing problem">{found.failed}</p>;
  if (found.kind === "text") return <TextPane text={found.text} cut={found.cut} label={label} />;
  if (found.kind === "none") {
    return <p class="nothing">{t(found.why === "damaged" ? "look.damaged" : "look.no-viewer")}</p>;
  }
  return (
    <div class="look">
      {found.pages > 1 && (
        <div class="actions start">
          <button disabled={page === 0} onClick={() => setPage(page - 1)}>{t("compare.page.back")}</button>
          <span role="status">{t("compare.page", { page: page + 1, pages: found.pages })}</span>
          <button disabled={page >= found.pages - 1} onClick={() => setPage(page + 1)}>{t("compare.page.on")}</button>
        </div>
      )}
      {found.window && <WindowSliders raster={found} window={window ?? found.window} set={setWindow} />}
      <RasterPane raster={found} label={label} page={page} window={window} zoom={null} />
    </div>
  );
}
