// What stands around every page and outlives it: the bar, its menus, the palette, the list of keys.
//
// Pages come and go, some after their code was fetched. A menu that somebody has just opened must not go with them.
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Palette } from "../palette/palette";
import { navigate, usePath } from "../router";
import { isTyping, KeyOverlay, useKeys } from "../ui/keys";
import { type Described, FrameContext, NOTHING_SAID } from "./frame-context";
import { TopBar } from "./top-bar";

/** Esc leads from a source to the sources, from those to the search. The viewer has its own Esc. */
function stepBack(): void {
  const parts = location.pathname.split("/").filter(Boolean);
  if (parts[0] === "view") return;
  if (location.pathname === "/sources/new" && location.search) navigate("/sources/new");
  else navigate(`/${parts.slice(0, -1).join("/")}`);
}

export function Frame({ children }: { children: ReactNode }) {
  const path = usePath();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const [page, describe] = useState<Described>(NOTHING_SAID);
  const [over, setOver] = useState<"keys" | "palette" | null>(null);
  const close = useCallback(() => setOver(null), []);
  const showKeys = useCallback(() => setOver("keys"), []);
  const showPalette = useCallback(() => setOver("palette"), []);
  const context = useMemo(() => ({ slot, describe }), [slot]);

  const plainKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      // The search takes its steps back itself, its input included.
      if (path === "/") return;
      if (isTyping(event.target)) (event.target as HTMLElement).blur();
      else if (!document.querySelector("[popover]:popover-open")) stepBack();
      return;
    }
    if (isTyping(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      showKeys();
    } else if (event.key === "/" && path !== "/") {
      event.preventDefault();
      navigate("/");
    }
  };
  useKeys((event) => {
    if (event.altKey) return;
    if (!event.metaKey && !event.ctrlKey) plainKey(event);
    else if (event.key.toLowerCase() === "k" && !event.shiftKey) {
      event.preventDefault();
      showPalette();
    }
  });

  return (
    <FrameContext value={context}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <TopBar searching={page.searching} slot={setSlot} showKeys={showKeys} showPalette={showPalette} />
      {children}
      {over === "keys" && <KeyOverlay page={page.keys} onClose={close} />}
      {over === "palette" && <Palette onClose={close} showKeys={showKeys} />}
    </FrameContext>
  );
}
