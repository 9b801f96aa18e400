// Text as text, and what differs between two texts.
import { useMemo, useState } from "preact/hooks";
import { t, tn } from "../i18n";
import { diffRows, folded } from "../pure/text_diff";

export function TextPane({ text, cut, label }: { text: string; cut: boolean; label: string }) {
  return (
    <>
      <pre class="text" role="region" tabIndex={0} aria-label={label}>{text === "" ? t("look.empty") : text}</pre>
      {cut && <p class="quiet">{t("look.cut")}</p>}
    </>
  );
}

const AROUND = 3;

export function TextDifference({ left, right }: { left: string; right: string }) {
  const [whole, setWhole] = useState(false);
  const rows = useMemo(() => diffRows(left, right), [left, right]);
  if (!rows) return <p class="nothing">{t("diff.too-much")}</p>;
  const changed = rows.filter((row) => row.change !== "same").length;
  const shown = whole ? rows : folded(rows, AROUND);
  return (
    <div class="diff">
      <p role="status">{changed === 0 ? t("diff.same") : tn("diff.lines", changed)}{" "}
        {changed > 0 && <button class="link" onClick={() => setWhole(!whole)}>{t(whole ? "diff.folded" : "diff.whole")}</button>}
      </p>
      <div class="scroll" role="region" tabIndex={0} aria-label={t("compare.difference")}>
        <table class="diff-table">
          <colgroup><col class="line" /><col /><col class="line" /><col /></colgroup>
          <thead><tr><th scope="col" colSpan={2}>A</th><th scope="col" colSpan={2}>B</th></tr></thead>
          <tbody>
            {shown.map((row, i) => "fold" in row
              ? <tr class="fold" key={i}><td colSpan={4}>{tn("diff.fold", row.fold)}</td></tr>
              : <tr key={i} class={row.change}>
                <td class="number">{row.leftLine}</td>
                <td class="left">{row.left !== null && <Sign of={row.change} sign="−" word={t("diff.only.a")} />}{row.left}</td>
                <td class="number">{row.rightLine}</td>
                <td class="right">{row.right !== null && <Sign of={row.change} sign="+" word={t("diff.only.b")} />}{row.right}</td>
              </tr>)}
          </tbody>
        </table>
      </div>
    </div>
  );
}

// Colour alone would not say it to everybody.
function Sign({ of, sign, word }: { of: string; sign: string; word: string }) {
  if (of === "same") return null;
  return <span class="sign"><span aria-hidden="true">{sign}</span><span class="hidden">{word}: </span></span>;
}
