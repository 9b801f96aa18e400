// Before many conflicts are decided together: what will happen to which file. Nothing happens until then.
import { useEffect, useState } from "preact/hooks";
import { preview } from "../api";
import { t, tn } from "../i18n";
import { fail } from "../notices";
import { Dialog } from "../parts/dialog";
import { Effects } from "../parts/effects";
import { count, Path } from "../parts/words";
import type { Keep, PreviewItem } from "../types";
import { decide, PORTION, tellOutcome } from "./decide";

const SHOWN = 100;

interface Props { ids: string[]; keep: Keep; close: (decided: boolean) => void; changed: () => void }

export function BulkDialog({ ids, keep, close, changed }: Props) {
  const [items, setItems] = useState<PreviewItem[] | null>(null);
  const [done, setDone] = useState<number | null>(null);

  useEffect(() => {
    let gone = false;
    previewAll(ids, keep).then((found) => { if (!gone) setItems(found); }, (error: unknown) => {
      fail(error);
      close(false);
    });
    return () => { gone = true; };
  }, []);

  const possible = items?.filter((item) => item.possible) ?? [];
  const not = items?.filter((item) => !item.possible) ?? [];
  const carryOut = async () => {
    setDone(0);
    try {
      tellOutcome(await decide(possible.map((item) => item.id), keep, setDone), changed);
    } catch (error) {
      fail(error);
    }
    close(true);
  };
  return (
    <Dialog title={tn(`bulk.title.${keep}`, ids.length)} confirm={tn("bulk.confirm", possible.length)}
      busy={done !== null} disabled={possible.length === 0} onCancel={() => close(false)} onConfirm={() => void carryOut()}>
      {items === null ? <p role="status">{t("bulk.looking")}</p> : <>
        <p>{t(`bulk.what.${keep}`)} {t("bulk.undo")}</p>
        <Totals items={possible} />
        {not.length > 0 && <p class="problem">{tn("bulk.not", not.length)}</p>}
        <ul class="preview">
          {[...not, ...possible].slice(0, SHOWN).map((item) => (
            <li key={item.id}>
              <Path path={item.path} />
              {item.possible ? <Effects effects={item.effects} /> : <p class="problem">{item.text}</p>}
            </li>
          ))}
        </ul>
        {items.length > SHOWN && <p class="quiet">{t("bulk.more", { n: count(items.length - SHOWN) })}</p>}
        {done !== null && <p role="status">{t("bulk.progress", { done: count(done), all: count(possible.length) })}</p>}
      </>}
    </Dialog>
  );
}

async function previewAll(ids: string[], keep: Keep): Promise<PreviewItem[]> {
  const items: PreviewItem[] = [];
  for (let at = 0; at < ids.length; at += PORTION) items.push(...await preview(ids.slice(at, at + PORTION), keep));
  return items;
}

function Totals({ items }: { items: PreviewItem[] }) {
  const totals = new Map<string, number>();
  for (const item of items) for (const { effect } of item.effects) totals.set(effect, (totals.get(effect) ?? 0) + 1);
  const known = ["stays", "replaced", "kept-version", "new-file", "removed"] as const;
  return (
    <ul class="totals">
      {known.filter((effect) => totals.has(effect)).map((effect) => (
        <li key={effect}><strong>{count(totals.get(effect)!)}</strong> {t(`effect.total.${effect}`)}</li>
      ))}
    </ul>
  );
}
