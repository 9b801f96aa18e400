// What a decision will do, in plain words.
import { fill, tx } from "../i18n";
import { parts } from "../pure/format";
import type { Effect } from "../types";

export function Effects({ effects }: { effects: Effect[] }) {
  return (
    <ul class="effects">
      {effects.map((effect, i) => <li key={i}>{fill(tx("effect", effect.effect, effect.text), { file: parts(effect.path).file })}</li>)}
    </ul>
  );
}
