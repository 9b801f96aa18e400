import { LanguageChoice } from "../app";
import { t, type Language } from "../i18n";

export function SignedOutPage({ reason, choose }: { reason: string; choose: (chosen: Language) => void }) {
  return (
    <main class="signed-out">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>{t("out.title")}</h1>
      {reason && <p class="problem" role="alert">{reason}</p>}
      <p>{t("out.how")}</p>
      <pre><code>atozsync ui</code></pre>
      <p class="quiet">{t("out.why")}</p>
      <LanguageChoice choose={choose} />
    </main>
  );
}
