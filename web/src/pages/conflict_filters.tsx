import { useState } from "preact/hooks";
import { t } from "../i18n";
import { kindWords } from "../parts/words";
import type { ConflictPage, ConflictQuery } from "../types";
import { bounds, type Age } from "./conflict_query";

interface Props { query: ConflictQuery; page: ConflictPage | null; change: (next: Partial<ConflictQuery>) => void }

export function ConflictFilters({ query, page, change }: Props) {
  const [age, setAge] = useState<Age>(query.to !== "" ? "older" : query.from !== "" ? "30" : "");
  const ages: [Age, string][] = [
    ["", t("filter.any")], ["1", t("filter.day")], ["7", t("filter.week")], ["30", t("filter.month")], ["older", t("filter.older")],
  ];
  return (
    <form class="filters" role="search" aria-label={t("filter.label")} onSubmit={(event) => event.preventDefault()}>
      <fieldset class="segments">
        <legend class="hidden">{t("filter.state")}</legend>
        {(["open", "decided", "all"] as const).map((state) => (
          <label key={state}>
            <input type="radio" name="state" checked={query.state === state} onChange={() => change({ state })} />
            <span>{t(`filter.${state}`)}</span>
          </label>
        ))}
      </fieldset>
      <label class="wide">
        <span>{t("filter.text")}</span>
        <input type="search" value={query.text} autocomplete="off" onInput={(event) => change({ text: event.currentTarget.value })} />
      </label>
      <Choice label={t("filter.office")} value={query.office} set={(office) => change({ office })}
        options={(page?.offices ?? []).map((name) => [name, name])} />
      <Choice label={t("filter.kind")} value={query.kind} set={(kind) => change({ kind })}
        options={(page?.kinds ?? []).map((kind) => [kind, kindWords(kind)])} />
      <label>
        <span>{t("filter.age")}</span>
        <select value={age} onChange={(event) => {
          const next = event.currentTarget.value as Age;
          setAge(next);
          change(bounds(next, Date.now()));
        }}>
          {ages.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </label>
      <label>
        <span>{t("filter.limit")}</span>
        <select value={String(query.limit)} onChange={(event) => change({ limit: Number(event.currentTarget.value) })}>
          {[50, 100, 500].map((limit) => <option key={limit} value={String(limit)}>{limit}</option>)}
        </select>
      </label>
    </form>
  );
}

interface ChoiceProps { label: string; value: string; set: (value: string) => void; options: [string, string][] }

function Choice({ label, value, set, options }: ChoiceProps) {
  const known = value === "" || options.some(([one]) => one === value) ? options : [[value, value], ...options];
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t("filter.every")}</option>
        {known.map(([one, name]) => <option key={one} value={one}>{name}</option>)}
      </select>
    </label>
  );
}
