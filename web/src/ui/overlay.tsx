// Dialogs, menus and short messages, on the platform's own elements.
import {
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useSyncExternalStore,
} from "react";
import { asApiError } from "../api/client";
import { Button, IconButton } from "./basics";
import { Icon, type IconName } from "./icon";
import { sentence } from "./words";

type DialogProps = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
};

/** A modal dialog; Esc and a click beside it close it, focus returns to where it was. */
export function Dialog({ title, onClose, children, wide }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself.
    <dialog
      ref={ref}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-inner">
        <header>
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

type MenuProps = {
  label: ReactNode;
  /** What the button is called when its label is an icon alone. */
  name?: string;
  icon?: IconName;
  children: (close: () => void) => ReactNode;
  className?: string;
  align?: "start" | "end";
};

/** A button that opens a small popover with actions below it. */
export function Menu({ label, name, icon, children, className, align = "end" }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = useCallback(() => panel.current?.hidePopover(), []);
  return (
    <span className={`menu ${className ?? ""}`}>
      <button
        ref={button}
        type="button"
        className={name ? "icon-button" : "button plain"}
        aria-label={name}
        title={name}
        popoverTarget={id}
      >
        {icon && <Icon name={icon} />}
        {label}
        {!name && <Icon name="down" />}
      </button>
      <div
        id={id}
        ref={panel}
        popover="auto"
        className="menu-panel"
        onToggle={(event) => {
          if (event.newState === "open") place(button, panel, align);
        }}
      >
        {children(close)}
      </div>
    </span>
  );
}

function place(
  button: RefObject<HTMLButtonElement | null>,
  panel: RefObject<HTMLDivElement | null>,
  align: "start" | "end",
): void {
  const from = button.current?.getBoundingClientRect();
  const box = panel.current;
  if (!from || !box) return;
  const width = box.offsetWidth;
  const wished = align === "end" ? from.right - width : from.left;
  box.style.left = `${Math.max(8, Math.min(wished, innerWidth - width - 8))}px`;
  box.style.top = `${Math.min(from.bottom + 4, Math.max(8, innerHeight - box.offsetHeight - 8))}px`;
}

type MenuItemProps = {
  icon?: IconName;
  children: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  current?: boolean;
};

export function MenuItem({ icon, children, onSelect, danger, current }: MenuItemProps) {
  return (
    <button
      type="button"
      className={danger ? "menu-item danger" : "menu-item"}
      aria-pressed={current}
      onClick={onSelect}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
      {current && <Icon name="check" />}
    </button>
  );
}

// Short messages: one line at the foot of the page, read out, gone after a while.
let message: { text: string; look: "done" | "failed" } | null = null;
let forget: ReturnType<typeof setTimeout> | undefined;
const messageWatchers = new Set<() => void>();

/** Says that something was done, or failed, without taking the focus. */
export function say(text: string, look: "done" | "failed" = "done"): void {
  message = { text, look };
  clearTimeout(forget);
  forget = setTimeout(
    () => {
      message = null;
      for (const each of messageWatchers) each();
    },
    look === "failed" ? 8000 : 3500,
  );
  for (const each of messageWatchers) each();
}

/** Says why something was refused: the server's own sentence, which names what is in the way and the way out. */
export function sayRefusal(error: unknown): void {
  const { status, message, detail } = asApiError(error);
  say(status === 0 ? message : sentence(detail.replaceAll("`", "") || message), "failed");
}

/** Does `work` and says in one line how it went; answers whether it went well. */
export async function attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
    say(done);
    return true;
  } catch (error) {
    sayRefusal(error);
    return false;
  }
}

export function Messages() {
  const shown = useSyncExternalStore(
    (watcher) => {
      messageWatchers.add(watcher);
      return () => messageWatchers.delete(watcher);
    },
    () => message,
  );
  return (
    <div className="messages" role="status" aria-live="polite">
      {shown && (
        <p className={shown.look}>
          <Icon name={shown.look === "done" ? "check" : "alert"} />
          {shown.text}
        </p>
      )}
    </div>
  );
}

/** Copies `text`; on a page without clipboard access (plain http) through a selection. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "off-screen";
    const host = document.querySelector("dialog[open]") ?? document.body;
    const before = document.activeElement;
    host.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}

/** Copies and says so. */
export async function copyAndSay(text: string, what: string): Promise<void> {
  if (await copyText(text)) say(`Copied ${what}`);
  else say(`This browser doesn't allow copying; select the ${what} and copy it by hand`, "failed");
}

/** A value to hand over once: a link, a key. */
export function CopyLine({ value, what }: { value: string; what: string }) {
  return (
    <div className="copy-line">
      <input readOnly value={value} aria-label={what} onFocus={(event) => event.target.select()} />
      <Button icon="copy" onClick={() => copyAndSay(value, what)}>
        Copy
      </Button>
    </div>
  );
}
