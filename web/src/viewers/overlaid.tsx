// Two pictures over one another: a slider between them, one after the other, or the points that differ.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { count } from "../parts/words";
import { pixelDifference } from "../pure/pixels";
import type { Window } from "../pure/window";
import type { Picture, Raster } from "./open";
import { Canvas, NoPicture, usePicture } from "./raster_pane";

export type OverMode = "slider" | "blink" | "difference";

// Slow enough for everybody: fewer than three changes a second.
const BLINK_MS = 800;

interface Props { left: Raster; right: Raster; mode: OverMode; page: number; window: Window | null }

export function Overlaid({ left, right, mode, page, window }: Props) {
  const a = usePicture(left, page, window);
  const b = usePicture(right, page, window);
  if (a === null || a === "damaged") return <NoPicture picture={a} />;
  if (b === null || b === "damaged") return <NoPicture picture={b} />;
  if (a.width !== b.width || a.height !== b.height) {
    return <p class="nothing">{t("compare.sizes", { a: `${a.width} × ${a.height}`, b: `${b.width} × ${b.height}` })}</p>;
  }
  if (mode === "slider") return <Slider a={a} b={b} />;
  if (mode === "blink") return <Blink a={a} b={b} />;
  return <Difference a={a} b={b} />;
}

function Slider({ a, b }: { a: Picture; b: Picture }) {
  const [at, setAt] = useState(50);
  const over = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    over.current!.style.clipPath = `inset(0 0 0 ${at}%)`;
    line.current!.style.left = `${at}%`;
  }, [at]);
  return (
    <div class="over">
      <div class="stack">
        <Canvas picture={a} label={t("side.picture.winner")} />
        <div class="upper" ref={over}><Canvas picture={b} label={t("side.picture.loser")} /></div>
        <div class="line" ref={line} />
        <span class="corner left" aria-hidden="true">A</span>
        <span class="corner right" aria-hidden="true">B</span>
      </div>
      <label class="slider">
        <span>{t("compare.slider.label")}</span>
        <input type="range" min={0} max={100} value={at} aria-valuetext={t("compare.slider.value", { n: at })}
          onInput={(event) => setAt(Number(event.currentTarget.value))} />
      </label>
    </div>
  );
}

function Blink({ a, b }: { a: Picture; b: Picture }) {
  const [other, setOther] = useState(false);
  const [self, setSelf] = useState(false);
  useEffect(() => {
    if (!self) return undefined;
    const timer = setInterval(() => setOther((before) => !before), BLINK_MS);
    return () => clearInterval(timer);
  }, [self]);
  return (
    <div class="over">
      <div class="stack">
        <Canvas picture={other ? b : a} label={t(other ? "side.picture.loser" : "side.picture.winner")} />
        <span class="corner left" aria-hidden="true">{other ? "B" : "A"}</span>
      </div>
      <div class="actions start">
        <button onClick={() => setOther(!other)}>{t(other ? "compare.blink.a" : "compare.blink.b")}</button>
        <label class="check">
          <input type="checkbox" checked={self} onChange={(event) => setSelf(event.currentTarget.checked)} />
          {t("compare.blink.self")}
        </label>
      </div>
    </div>
  );
}

function Difference({ a, b }: { a: Picture; b: Picture }) {
  const [found, setFound] = useState<{ picture: Picture; share: number } | null>(null);
  useEffect(() => {
    const { rgba, changed } = pixelDifference(pointsOf(a), pointsOf(b));
    let gone = false;
    void createImageBitmap(new ImageData(rgba, a.width, a.height)).then((image) => {
      if (!gone) setFound({ picture: { image, width: a.width, height: a.height }, share: changed / (a.width * a.height) });
    });
    return () => { gone = true; };
  }, [a, b]);
  if (!found) return <p class="nothing" role="status">{t("look.loading")}</p>;
  const text = found.share === 0 ? t("compare.same")
    : t("compare.differs", { share: found.share < 0.001 ? `< ${count(0.1, 1)}` : count(found.share * 100, 1) });
  return (
    <div class="over">
      <div class="stack"><Canvas picture={found.picture} label={text} /></div>
      <p role="status">{text}</p>
    </div>
  );
}

function pointsOf(picture: Picture): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(picture.image, 0, 0);
  return context.getImageData(0, 0, picture.width, picture.height).data;
}
