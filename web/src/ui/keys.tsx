// Keyboard: one listener for the page's keys, and the overlay that lists them.
import { useLayoutEffect, useRef } from "react";
import { Dialog } from "./overlay";

export interface KeyHelp {
  keys: string[];
  what: string;
}

/** Whether the event comes from where people type. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

/** Calls `handler` for each key pressed anywhere on the page, unless a dialog is open. */
export function useKeys(handler: (event: KeyboardEvent) => void): void {
  const latest = useRef(handler);
  latest.current = handler;
  // Before the first paint: what can be seen can be operated.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
      latest.current(event);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

const ON_MAC = typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.platform);

/** A key together with the one for commands, as this machine's people call it: `⌘K`, `Ctrl K`. */
export function commandKey(key: string): string {
  return ON_MAC ? `⌘${key}` : `Ctrl ${key}`;
}

const EVERYWHERE: KeyHelp[] = [
  { keys: [commandKey("K")], what: "Jump to a page, a source, a document, an action" },
  { keys: ["/"], what: "Go to the search box" },
  { keys: ["?"], what: "Show these keys" },
  { keys: ["Esc"], what: "One step back" },
];

export function KeyOverlay({ page, onClose }: { page: KeyHelp[]; onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      {page.length > 0 && <KeyTable title="On this page" keys={page} />}
      <KeyTable title="Everywhere" keys={EVERYWHERE} />
    </Dialog>
  );
}

function KeyTable({ title, keys }: { title: string; keys: KeyHelp[] }) {
  return (
    <section className="section">
      <h3>{title}</h3>
      <dl className="keys">
        {keys.map((help) => (
          <div key={help.what} className="key-row">
            <dt>
              {help.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{help.what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
