// The shape of a strip plot: a value for each slot of the last 24 hours, and their outline.
import type { Sample, Traffic } from "../types";

const DAY_S = 86_400;

// Null where nothing was measured: the agent did not run.
export function slots(traffic: Traffic, endMs: number, of: (sample: Sample) => number): (number | null)[] {
  const step = Math.max(1, traffic.step_s);
  const count = Math.round(DAY_S / step);
  const values = new Array<number | null>(count).fill(null);
  for (const sample of traffic.samples) {
    const slot = count - 1 - Math.round((endMs - Date.parse(sample.t)) / 1000 / step);
    if (slot >= 0 && slot < count) values[slot] = of(sample);
  }
  return values;
}

// An SVG path: bars from the bottom (`height`) up. What is more than nothing is at least one point high.
export function steps(values: (number | null)[], peak: number, width: number, height: number): string {
  const each = width / values.length;
  let path = "";
  values.forEach((value, i) => {
    if (value === null || value <= 0 || peak <= 0) return;
    const tall = Math.max(1, (value / peak) * height);
    const x = (i * each).toFixed(2);
    path += `M${x} ${height}v${(-tall).toFixed(2)}h${Math.max(1, each).toFixed(2)}v${tall.toFixed(2)}z`;
  });
  return path;
}
