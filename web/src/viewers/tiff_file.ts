// Reads a TIFF file: as many pictures as it has, each as RGBA.
import UTIF from "utif2";

const PIXELS_MAX = 120e6;

export interface TiffPicture {
  width: number;
  height: number;
  pages: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

export function readTiff(bytes: ArrayBuffer, page: number): TiffPicture {
  const all = UTIF.decode(bytes).filter((entry) => entry["t256"] !== undefined);
  const entry = all[page];
  if (!entry) throw new Error("there is no picture in it");
  const size = (tag: string) => Number((entry[tag] as ArrayLike<number> | undefined)?.[0] ?? 0);
  if (size("t256") * size("t257") > PIXELS_MAX) throw new Error("the picture is too large");
  UTIF.decodeImage(bytes, entry);
  const { width, height } = entry;
  const rgba = UTIF.toRGBA8(entry);
  if (rgba.length !== width * height * 4) throw new Error("the picture is cut short");
  return { width, height, pages: all.length, rgba: new Uint8ClampedArray(rgba) };
}
