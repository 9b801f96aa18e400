// From the samples of a DICOM picture to shades on a screen. The steps and their order are those of
// DICOM PS3.3, C.11.1 (modality: slope and intercept) and C.11.2.1.2 (window: centre and width).

export interface Window { center: number; width: number }

export interface Samples {
  values: Int16Array | Uint16Array | Uint8Array | Int8Array | Float32Array;
  slope: number;
  intercept: number;
  inverted: boolean;  // MONOCHROME1: the lowest value is white
}

// The window from the lowest to the highest value there is.
export function fullWindow(samples: Samples): Window {
  let low = Infinity;
  let high = -Infinity;
  for (const stored of samples.values) {
    if (stored < low) low = stored;
    if (stored > high) high = stored;
  }
  if (low > high) return { center: 0, width: 1 };
  const a = low * samples.slope + samples.intercept;
  const b = high * samples.slope + samples.intercept;
  return { center: (a + b + 1) / 2, width: Math.max(1, Math.abs(b - a) + 1) };
}

// 0 … 255 for one value after slope and intercept.
export function shade(value: number, window: Window): number {
  const width = Math.max(1, window.width);
  if (width === 1) return value <= window.center - 0.5 ? 0 : 255;
  const low = window.center - 0.5 - (width - 1) / 2;
  const high = window.center - 0.5 + (width - 1) / 2;
  if (value <= low) return 0;
  if (value > high) return 255;
  return Math.round(((value - (window.center - 0.5)) / (width - 1) + 0.5) * 255);
}

export function toRgba(samples: Samples, window: Window): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(samples.values.length * 4);
  let at = 0;
  for (const stored of samples.values) {
    const light = shade(stored * samples.slope + samples.intercept, window);
    const grey = samples.inverted ? 255 - light : light;
    rgba[at] = rgba[at + 1] = rgba[at + 2] = grey;
    rgba[at + 3] = 255;
    at += 4;
  }
  return rgba;
}
