// One picture on a canvas, fitted or enlarged; and the two sliders for the shades of an X-ray.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { day } from "../pure/format";
import { language } from "../i18n";
import type { Window } from "../pure/window";
import type { Picture, Raster } from "./open";

// Draws `raster` whenever page or window change. Null until the first time, "damaged" when it fails.
export function usePicture(raster: Raster, page: number, window: Window | null): Picture | "damaged" | null {
  const [picture, setPicture] = useState<Picture | "damaged" | null>(null);
  useEffect(() => {
    let gone = false;
    raster.draw(Math.min(page, raster.pages - 1), raster.window ? window ?? raster.window : null)
      .then((found) => { if (!gone) setPicture(found); }, () => { if (!gone) setPicture("damaged"); });
    return () => { gone = true; };
  }, [raster, page, window]);
  return picture;
}

export function NoPicture({ picture }: { picture: "damaged" | null }) {
  return <p class="nothing" role="status">{t(picture === null ? "look.loading" : "look.damaged")}</p>;
}

export function Canvas({ picture, label, className }: { picture: Picture; label: string; className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const to = canvas.current!;
    to.width = picture.width;
    to.height = picture.height;
    to.getContext("2d")!.drawImage(picture.image, 0, 0);
  }, [picture]);
  return <canvas ref={canvas} class={className} role="img" aria-label={label} />;
}

interface Props { raster: Raster; label: string; page: number; window: Window | null; zoom: number | null }

export function RasterPane({ raster, label, page, window, zoom }: Props) {
  const picture = usePicture(raster, page, window);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const canvas = place.current?.querySelector("canvas");
    if (canvas) canvas.style.width = zoom === null || !picture || picture === "damaged" ? "" : `${picture.width * zoom}px`;
  });
  if (picture === null || picture === "damaged") return <NoPicture picture={picture} />;
  return (
    <>
      <div ref={place} class={`raster ${zoom === null ? "fit" : "zoomed"}`} role="region" tabIndex={0} aria-label={label}
        onScroll={(event) => together(event.currentTarget)}>
        <Canvas picture={picture} label={label} />
      </div>
      <p class="picture-facts">
        {t("look.points", { width: picture.width, height: picture.height })}
        {raster.facts && facts(raster.facts).map((fact) => <span key={fact}> · {fact}</span>)}
      </p>
    </>
  );
}

function facts(of: NonNullable<Raster["facts"]>): string[] {
  const study = /^(\d{4})(\d\d)(\d\d)$/.exec(of.study);
  return [
    of.modality, `${of.bits} bit`,
    study ? t("dicom.taken", { date: day(`${study[1]}-${study[2]}-${study[3]}`, language()) }) : "",
    of.patient ? t("dicom.patient", { name: of.patient }) : "", of.device,
  ].filter((text) => text !== "");
}

// What is moved in one version is moved in the other.
function together(moved: HTMLElement): void {
  for (const other of document.querySelectorAll<HTMLElement>(".raster.zoomed")) {
    if (other === moved) continue;
    if (other.scrollLeft !== moved.scrollLeft) other.scrollLeft = moved.scrollLeft;
    if (other.scrollTop !== moved.scrollTop) other.scrollTop = moved.scrollTop;
  }
}

export function WindowSliders({ raster, window, set }: { raster: Raster; window: Window; set: (window: Window) => void }) {
  const [low, high] = raster.range;
  const span = Math.max(2, Math.ceil(high - low));
  return (
    <div class="window" role="group" aria-label={t("dicom.window")}>
      <label><span>{t("dicom.brightness")}</span>
        <input type="range" min={Math.floor(low)} max={Math.ceil(high)} value={Math.round(window.center)}
          onInput={(event) => set({ ...window, center: Number(event.currentTarget.value) })} />
      </label>
      <label><span>{t("dicom.contrast")}</span>
        <input type="range" min={1} max={span} value={Math.round(span - window.width + 1)}
          onInput={(event) => set({ ...window, width: Math.max(1, span - Number(event.currentTarget.value) + 1) })} />
      </label>
      <button onClick={() => set(raster.window!)}>{t("dicom.reset")}</button>
    </div>
  );
}
