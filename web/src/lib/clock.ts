// One clock for every relative time on the page: it ticks while somebody watches it.

const TICK_MS = 10_000;

let now = Date.now();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time now, to within ten seconds; the same for all who ask between two ticks. */
export function readClock(): number {
  // Nobody has watched for a while: what was read last may be long ago.
  if (ticking === undefined && Date.now() - now >= TICK_MS) now = Date.now();
  return now;
}

/** Calls `watcher` at each tick; answers how to end that. */
export function watchClock(watcher: () => void): () => void {
  watchers.add(watcher);
  if (ticking === undefined) {
    now = Date.now();
    ticking = setInterval(() => {
      now = Date.now();
      for (const each of watchers) each();
    }, TICK_MS);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}
