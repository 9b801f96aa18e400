// Texts in the reader's language. A text may hold {name}; where it depends on a number, KEY.one and
// KEY.other exist and {n} is that number. English is the list of keys; German has the same.
import { de } from "./texts/de";
import { en, type Key } from "./texts/en";

export type { Key };
export type Language = "en" | "de";
export const languages: Record<Language, string> = { en: "English", de: "Deutsch" };

const catalogues: Record<Language, Record<Key, string>> = { en, de };
const KEPT = "atozsync.language";

let current: Language = "en";

export function language(): Language {
  return current;
}

// What was chosen here before, else what the browser asks for.
export function chooseLanguage(kept: string | null, wanted: readonly string[]): Language {
  if (kept === "en" || kept === "de") return kept;
  for (const tag of wanted) {
    if (tag.toLowerCase().startsWith("de")) return "de";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

export function setLanguage(chosen: Language, keep: boolean): void {
  current = chosen;
  document.documentElement.lang = chosen;
  if (keep) localStorage.setItem(KEPT, chosen);
}

export function startLanguage(): void {
  setLanguage(chooseLanguage(localStorage.getItem(KEPT), navigator.languages), false);
}

type Values = Record<string, string | number>;

export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

export function t(key: Key, values: Values = {}): string {
  return fill(catalogues[current][key], values);
}

type Plural<K> = K extends `${infer Base}.one` ? Base : never;

// The text for `n` things.
export function tn(key: Plural<Key>, n: number, values: Values = {}): string {
  const form = new Intl.PluralRules(current).select(n) === "one" ? "one" : "other";
  const shown = new Intl.NumberFormat(current).format(n);
  return t(`${key}.${form}` as Key, { n: shown, ...values });
}

// A text whose key is made from what the agent says; `otherwise` when it says something new.
export function tx(prefix: string, word: string, otherwise?: string): string {
  const found = (catalogues[current] as Record<string, string>)[`${prefix}.${word}`];
  return found ?? otherwise ?? word;
}
