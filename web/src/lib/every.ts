// Repeats something while a page is looked at.
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
