// Numbers, sizes and times as people read them. Pure: language and clock come from outside.

export function bytes(count: number, language: string): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${units[unit]}`;
}

export function number(value: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

// A duration in its largest unit: "3 hours". Negative counts as none.
export function duration(seconds: number, language: string): string {
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const whole = Math.max(0, Math.floor(seconds));
  for (const [unit, size] of steps) {
    if (whole >= size) return inUnits(Math.floor(whole / size), unit, language);
  }
  return inUnits(whole, "second", language);
}

function inUnits(value: number, unit: string, language: string): string {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

// "3 hours ago"; the future, which clocks out of step make, counts as now.
export function ago(time: string, nowMs: number, language: string): string {
  const seconds = (nowMs - Date.parse(time)) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (!(seconds >= 1)) return format.format(0, "second");
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]] as const) {
    if (seconds >= size) return format.format(-Math.floor(seconds / size), unit);
  }
  return format.format(-Math.floor(seconds), "second");
}

export function moment(time: string, language: string, timeZone?: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone }).format(date);
}

// A date without a time, as the database has it ("2024-05-03"): it has no zone. Year 1 is its word for none.
export function day(date: string, language: string): string {
  const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(date);
  if (!found) return date;
  if (Number(found[1]) < 1800) return "";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" })
    .format(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3])));
}

export interface PathParts { folder: string; file: string; patient: string | null }

// A patient's folder is LETTER/NameNUMBER; anything else has no patient.
export function parts(path: string): PathParts {
  const at = path.lastIndexOf("/");
  const folder = at < 0 ? "" : path.slice(0, at);
  const pieces = path.split("/");
  const patient = pieces.length >= 3 && [...pieces[0]!].length === 1 ? pieces[1]! : null;
  return { folder, file: path.slice(at + 1), patient };
}
