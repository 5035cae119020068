// The question before something that can't be taken back.
import type { ReactNode } from "react";
import { Button, ErrorNotice } from "./basics";
import { useAction } from "./form";
import { Dialog } from "./overlay";

type ConfirmProps = {
  title: string;
  /** The word on the button that does it. */
  confirm: string;
  act: () => Promise<void>;
  onClose: () => void;
  /** What will be so afterwards. */
  children: ReactNode;
};

export function Confirm({ title, confirm, act, onClose, children }: ConfirmProps) {
  const { busy, error, run } = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      {error && <ErrorNotice error={error} />}
      {children}
      <div className="form-buttons">
        <Button look="danger" busy={busy} onClick={() => run(act)}>
          {confirm}
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </div>
    </Dialog>
  );
}
