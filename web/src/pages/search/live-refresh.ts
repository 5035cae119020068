// Searches again, now and then, while content is landing: new documents turn up without a keystroke.
import { useEffect, useMemo, useRef } from "react";
import { useEvents } from "../../api/events";
import { onceVisible } from "../../lib/every";

const SOON_MS = 2000;
/** The index takes in what has landed a little later. */
const AFTERWARDS_MS = 8000;

/** Calls `refresh` a moment after something landed, or when the page is looked at again. */
export function useLiveRefresh(refresh: () => void): void {
  const latest = useRef(refresh);
  latest.current = refresh;
  const [soon, afterwards] = useMemo(
    () =>
      [SOON_MS, AFTERWARDS_MS].map((ms) => postponed(() => latest.current(), ms)) as [Postponed, Postponed],
    [],
  );
  useEvents((event) => {
    if (event.type !== "sync" && event.type !== "resumed") return;
    soon.ask();
    if (event.data?.finished_at) afterwards.ask();
  });
  useEffect(
    () => () => {
      soon.forget();
      afterwards.forget();
    },
    [soon, afterwards],
  );
}

interface Postponed {
  ask: () => void;
  forget: () => void;
}

/** Does `work` once for all that asked within `ms`. */
function postponed(work: () => void, ms: number): Postponed {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let forgetVisible: () => void = () => undefined;
  return {
    ask: () => {
      timer ??= setTimeout(() => {
        forgetVisible = onceVisible(() => {
          timer = null;
          work();
        });
      }, ms);
    },
    forget: () => {
      if (timer) clearTimeout(timer);
      timer = null;
      forgetVisible();
    },
  };
}
