// The last 24 hours in three strips over one another, and the same as a table for who cannot see them.
import { useEffect, useRef, useState } from "preact/hooks";
import { language, t, type Key } from "../i18n";
import { bytes, count, moment } from "../parts/words";
import { slots, steps } from "../pure/strips";
import type { Sample, Traffic } from "../types";

const HEIGHT = 56;

interface Strip { key: Key; colour: string; of: (sample: Sample) => number; show: (value: number) => string }

const strips: Strip[] = [
  { key: "traffic.received", colour: "in", of: (sample) => sample.received_bytes, show: bytes },
  { key: "traffic.sent", colour: "out", of: (sample) => sample.sent_bytes, show: bytes },
  { key: "traffic.waiting", colour: "wait", of: (sample) => sample.waiting_files, show: (value) => count(value) },
];

export function TrafficPlot({ traffic }: { traffic: Traffic }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => setWidth(Math.max(200, Math.floor(entry!.contentRect.width))));
    watcher.observe(place.current!);
    return () => watcher.disconnect();
  }, []);
  const end = Date.parse(traffic.samples[traffic.samples.length - 1]!.t);
  const hour = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" });
  return (
    <div class="plot" ref={place}>
      {strips.map((strip) => <OneStrip key={strip.key} strip={strip} traffic={traffic} end={end} width={width} />)}
      <div class="axis" aria-hidden="true">
        {[24, 18, 12, 6, 0].map((hours) => <span key={hours}>{hour.format(end - hours * 3600_000)}</span>)}
      </div>
      <details>
        <summary>{t("traffic.table")}</summary>
        <HourTable traffic={traffic} />
      </details>
    </div>
  );
}

function OneStrip({ strip, traffic, end, width }: { strip: Strip; traffic: Traffic; end: number; width: number }) {
  const values = slots(traffic, end, strip.of);
  const peak = Math.max(...values.map((value) => value ?? 0));
  const total = values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const name = t(strip.key);
  const summary = strip.colour === "wait"
    ? t("traffic.peak", { value: strip.show(peak) })
    : t("traffic.total", { total: strip.show(total), peak: strip.show(peak) });
  return (
    <figure class={`strip ${strip.colour}`}>
      <figcaption><strong>{name}</strong> <span>{summary}</span></figcaption>
      <svg role="img" aria-label={`${name}: ${summary}`} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
        <line class="base" x1="0" x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        <path d={steps(values, peak, width, HEIGHT - 2)} />
      </svg>
    </figure>
  );
}

function HourTable({ traffic }: { traffic: Traffic }) {
  const hours = new Map<string, { received: number; sent: number; waiting: number }>();
  for (const sample of traffic.samples) {
    const key = `${sample.t.slice(0, 13)}:00:00Z`;
    const hour = hours.get(key) ?? { received: 0, sent: 0, waiting: 0 };
    hour.received += sample.received_bytes;
    hour.sent += sample.sent_bytes;
    hour.waiting = Math.max(hour.waiting, sample.waiting_files);
    hours.set(key, hour);
  }
  return (
    <div class="scroll" role="region" aria-label={t("traffic.title")} tabIndex={0}>
      <table>
        <thead><tr>
          <th scope="col">{t("traffic.hour")}</th>
          {strips.map((strip) => <th scope="col" class="number" key={strip.key}>{t(strip.key)}</th>)}
        </tr></thead>
        <tbody>
          {[...hours].map(([time, hour]) => (
            <tr key={time}>
              <th scope="row">{moment(time)}</th>
              <td class="number">{bytes(hour.received)}</td>
              <td class="number">{bytes(hour.sent)}</td>
              <td class="number">{count(hour.waiting)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
