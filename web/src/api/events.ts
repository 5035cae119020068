// What happens on the server, as it happens: one event stream for the whole application.
import { useEffect, useRef } from "react";
import type { LogLine, SourceState, Sync, Task } from "./types";

export type LiveEvent =
  | { type: "sync"; data: Sync }
  | { type: "source"; data: { id: number; state: SourceState } }
  | { type: "log"; data: LogLine }
  | { type: "task"; data: Task }
  /** What waits or runs has changed, or which workers there are. */
  | { type: "queues"; data: null }
  /** The stream was interrupted and is back: what is shown may be out of date. */
  | { type: "resumed"; data: null };

const NAMES = ["sync", "source", "log", "task", "queues"] as const;
const listeners = new Set<(event: LiveEvent) => void>();
let stream: EventSource | null = null;
let interrupted = false;

function tell(event: LiveEvent): void {
  for (const listener of [...listeners]) listener(event);
}

/** A page that nobody looks at holds no stream: a browser gives all pages of a host six connections together. */
const isLookedAt = (): boolean => document.visibilityState === "visible";

function open(): void {
  if (stream) return;
  if (!isLookedAt()) {
    interrupted = true;
    return;
  }
  stream = new EventSource("/api/v1/events");
  for (const name of NAMES) {
    stream.addEventListener(name, (message) => {
      try {
        tell({ type: name, data: JSON.parse((message as MessageEvent<string>).data) } as LiveEvent);
      } catch {
        // One unreadable event must not end the stream.
      }
    });
  }
  // The server could not keep up with what happened: the same as an interruption.
  stream.addEventListener("lagged", () => tell({ type: "resumed", data: null }));
  stream.addEventListener("open", () => {
    if (interrupted) tell({ type: "resumed", data: null });
    interrupted = false;
  });
  stream.addEventListener("error", () => {
    interrupted = true;
    // The browser gives up for good on a refused stream; try again later.
    if (stream?.readyState === EventSource.CLOSED) {
      close();
      setTimeout(openIfWanted, 15_000);
    }
  });
}

function openIfWanted(): void {
  if (listeners.size > 0) open();
}

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => {
    if (isLookedAt()) return openIfWanted();
    // Nothing is heard of what happens until then.
    interrupted = true;
    close();
  });
}

function close(): void {
  stream?.close();
  stream = null;
}

/** Calls `handler` for every event while the component is shown. */
export function useEvents(handler: (event: LiveEvent) => void, enabled = true): void {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (!enabled) return;
    const listener = (event: LiveEvent) => latest.current(event);
    listeners.add(listener);
    open();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) close();
    };
  }, [enabled]);
}
