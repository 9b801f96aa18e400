import { useState } from "preact/hooks";
import { t } from "../i18n";
import { fail, tell, useNotice } from "../notices";

export function NoticeBar() {
  const notice = useNotice();
  const [busy, setBusy] = useState(false);
  const action = notice?.action;
  const run = async () => {
    if (!action) return;
    setBusy(true);
    try {
      await action.run();
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="notice-place" role="status" aria-live="polite">
      {notice && (
        <div class={`notice ${notice.kind}`}>
          <span>{notice.text}</span>
          {action && <button class="plain" disabled={busy} onClick={() => void run()}>{action.label}</button>}
          <button class="close" aria-label={t("app.close")} onClick={() => tell(null)}>×</button>
        </div>
      )}
    </div>
  );
}
