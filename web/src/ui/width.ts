// Which of the three layouts the window has room for; the same borders as in the style sheets.
import { useSyncExternalStore } from "react";

export type Width = "wide" | "narrow" | "phone";

const narrow = typeof matchMedia === "undefined" ? null : matchMedia("(width < 900px)");
const phone = typeof matchMedia === "undefined" ? null : matchMedia("(width < 600px)");

function watch(watcher: () => void): () => void {
  narrow?.addEventListener("change", watcher);
  phone?.addEventListener("change", watcher);
  return () => {
    narrow?.removeEventListener("change", watcher);
    phone?.removeEventListener("change", watcher);
  };
}

export function useWidth(): Width {
  return useSyncExternalStore(watch, () => (phone?.matches ? "phone" : narrow?.matches ? "narrow" : "wide"));
}
