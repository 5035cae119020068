// Reads previews: at once for a single step, a moment later while a key is held; a late answer is dropped.
import { useEffect, useRef, useState } from "react";
import { type ApiError, asApiError, get } from "../api/client";
import type { Preview } from "../api/types";

interface Loaded {
  key: string;
  at: number;
  preview: Preview;
}

const KEPT = 40;
/** Rights may change: a preview is read again after this time. */
const FRESH_MS = 30_000;
const HELD_KEY_MS = 120;
const recent = new Map<string, Loaded>();
let lastChange = 0;

export interface PreviewState {
  /** The preview asked for; while it is on its way, the last one of the same document, or `null`. */
  preview: Preview | null;
  error: ApiError | null;
  reload: () => void;
}

export function usePreview(id: string, query: string): PreviewState {
  const key = `${id}?q=${query}`;
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<{ key: string; error: ApiError } | null>(null);
  const [asked, setAsked] = useState(0);
  const last = useRef<{ id: string; preview: Preview } | null>(null);
  const drawn = recent.get(key)?.preview;
  const error = failed?.key === key ? failed.error : null;
  if (drawn) last.current = { id, preview: drawn };
  // What may no longer be seen must not stay on the screen.
  if (error) last.current = null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the request to read again.
  useEffect(() => {
    const known = recent.get(key);
    if (known && Date.now() - known.at < FRESH_MS && asked === 0) {
      // It came between the drawing and now, for the page before.
      if (known.preview !== drawn) redraw((n) => n + 1);
      return;
    }
    const abort = new AbortController();
    const now = Date.now();
    const wait = now - lastChange < HELD_KEY_MS ? HELD_KEY_MS : 0;
    lastChange = now;
    const timer = setTimeout(() => {
      get<Preview>(
        `/records/${encodeURIComponent(id)}/preview?q=${encodeURIComponent(query)}`,
        abort.signal,
      ).then(
        (preview) => {
          if (abort.signal.aborted) return;
          recent.delete(key);
          recent.set(key, { key, at: Date.now(), preview });
          const oldest = recent.keys().next();
          if (recent.size > KEPT && !oldest.done) recent.delete(oldest.value);
          setFailed(null);
          redraw((n) => n + 1);
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          recent.delete(key);
          setFailed({ key, error: asApiError(error) });
        },
      );
    }, wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, asked]);

  const before = last.current?.id === id ? last.current.preview : null;
  return { preview: drawn ?? before, error, reload: () => setAsked((n) => n + 1) };
}
