import { useState } from "preact/hooks";
import { t } from "../i18n";
import { setShortcuts, shortcutsOn } from "../keys";

const shortcuts = [
  ["1", "help.key.winner"], ["2", "help.key.loser"], ["3", "help.key.both"], ["n", "help.key.next"],
  ["v", "help.key.view"], ["b", "help.key.blink"], ["?", "help.key.help"],
] as const;

export function HelpPage() {
  const [on, setOn] = useState(shortcutsOn());
  return (
    <>
      <h1>{t("nav.help")}</h1>
      <section class="prose">
        <h2>{t("help.conflict.title")}</h2>
        <p>{t("help.conflict.what")}</p>
        <p>{t("help.conflict.how")}</p>
        <h2>{t("help.held.title")}</h2>
        <p>{t("help.held.what")}</p>
        <h2>{t("help.colours.title")}</h2>
        <p>{t("help.colours.what")}</p>
      </section>
      <section aria-labelledby="keys">
        <h2 id="keys">{t("help.keys.title")}</h2>
        <p>{t("help.keys.what")}</p>
        <label class="check">
          <input type="checkbox" checked={on} onChange={(event) => {
            setShortcuts(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }} />
          {t("help.keys.on")}
        </label>
        <table class="keys">
          <thead><tr><th scope="col">{t("help.keys.key")}</th><th scope="col">{t("help.keys.does")}</th></tr></thead>
          <tbody>
            {shortcuts.map(([key, does]) => <tr key={key}><th scope="row"><kbd>{key}</kbd></th><td>{t(does)}</td></tr>)}
          </tbody>
        </table>
      </section>
    </>
  );
}
