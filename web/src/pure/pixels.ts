// Two pictures of the same size, point by point.

export interface PixelDifference {
  rgba: Uint8ClampedArray<ArrayBuffer>;  // the left picture, pale and grey, with what differs in a signal colour
  changed: number;          // points
}

// Smaller steps of a channel are the noise of a picture that was saved anew.
export const TOLERANCE = 8;

export function pixelDifference(left: Uint8ClampedArray, right: Uint8ClampedArray): PixelDifference {
  if (left.length !== right.length) throw new Error("pictures of one size are needed");
  const rgba = new Uint8ClampedArray(left.length);
  let changed = 0;
  for (let i = 0; i < left.length; i += 4) {
    const step = Math.max(
      Math.abs(left[i]! - right[i]!), Math.abs(left[i + 1]! - right[i + 1]!),
      Math.abs(left[i + 2]! - right[i + 2]!));
    if (step > TOLERANCE) {
      changed += 1;
      rgba[i] = 230;
      rgba[i + 1] = 40;
      rgba[i + 2] = 90;
    } else {
      const grey = 0.3 * left[i]! + 0.59 * left[i + 1]! + 0.11 * left[i + 2]!;
      rgba[i] = rgba[i + 1] = rgba[i + 2] = 128 + grey / 3;
    }
    rgba[i + 3] = 255;
  }
  return { rgba, changed };
}
