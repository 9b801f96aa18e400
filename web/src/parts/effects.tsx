// What a decision will do, in plain words.
import { tx } from "../i18n";
import { parts } from "../pure/format";
import type { Effect } from "../types";

export function Effects({ effects, of }: { effects: Effect[]; of: string }) {
  return (
    <ul class="effects">
      {effects.map((effect, i) => (
        <li key={i}>
          {tx("effect", effect.effect, effect.text)}
          {effect.path !== of && <>: <bdi>{parts(effect.path).file}</bdi></>}
        </li>
      ))}
    </ul>
  );
}
