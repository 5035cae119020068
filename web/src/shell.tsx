// What every page is put into: its title, its keys, what it has in the bar, and its content.
import { type ReactNode, useContext, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { FrameContext } from "./frame/frame-context";
import type { KeyHelp } from "./ui/keys";

type ShellProps = {
  title: string;
  /** What stands in the bar's middle: the search page's input. */
  centre?: ReactNode;
  keys?: KeyHelp[];
  children: ReactNode;
  /** The search page fills the window and lays out itself. */
  bare?: boolean;
};

const NO_KEYS: KeyHelp[] = [];

export function Shell({ title, centre, keys = NO_KEYS, children, bare }: ShellProps) {
  const frame = useContext(FrameContext);
  const main = useRef<HTMLElement>(null);
  const searching = centre !== undefined;
  const describe = frame?.describe;
  useLayoutEffect(() => describe?.({ searching, keys }), [describe, searching, keys]);
  useEffect(() => {
    document.title = title === "Fossick" ? title : `${title} · Fossick`;
  }, [title]);
  useEffect(() => {
    // Each new page takes the focus, unless it placed it itself.
    const at = document.activeElement;
    if (at === document.body || at?.closest(".nav, .brand")) main.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      {frame?.slot && createPortal(centre, frame.slot)}
      <main id="main" ref={main} tabIndex={-1} className={bare ? undefined : "page"}>
        {children}
      </main>
    </>
  );
}
