// What is done while a page is looked at, and waits otherwise.
import { useEffect, useRef } from "react";

/** Calls `work` every `ms` milliseconds while the page is visible; `null` stops it. */
export function useEvery(ms: number | null, work: () => void): void {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    if (ms === null) return;
    const timer = setInterval(() => document.visibilityState === "visible" && latest.current(), ms);
    return () => clearInterval(timer);
  }, [ms]);
}

/** Calls `work` at once if the page is visible, otherwise when it next is; answers how to forget it. */
export function onceVisible(work: () => void): () => void {
  const tryNow = () => {
    if (document.visibilityState !== "visible") return;
    forget();
    work();
  };
  const forget = () => document.removeEventListener("visibilitychange", tryNow);
  document.addEventListener("visibilitychange", tryNow);
  tryNow();
  return forget;
}
