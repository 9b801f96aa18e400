// A question that has to be answered before anything is done. Escape and "Cancel" do nothing.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";

interface Props {
  title: string;
  confirm: string;
  busy?: boolean;
  disabled?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, confirm, busy, disabled, onConfirm, onCancel, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onCancel={(event) => {
      event.preventDefault();
      if (!busy) onCancel();
    }}>
      <h2 id="dialog-title">{title}</h2>
      <div class="dialog-body">{children}</div>
      <div class="actions">
        <button disabled={busy} onClick={onCancel}>{t("app.cancel")}</button>
        <button class="primary" disabled={busy || disabled} onClick={onConfirm}>{confirm}</button>
      </div>
    </dialog>
  );
}
