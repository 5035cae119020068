// Reads previews: at once for a single step, a moment later while a key is held; a late answer is dropped.
import { useEffect, useState } from "react";
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
  /** The preview asked for; while it is on its way, `null`. */
  preview: Preview | null;
  error: ApiError | null;
  reload: () => void;
}

export function usePreview(id: string, query: string): PreviewState {
  const key = `${id}?q=${query}`;
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<{ key: string; error: ApiError } | null>(null);
  const [asked, setAsked] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the request to read again.
  useEffect(() => {
    const known = recent.get(key);
    if (known && Date.now() - known.at < FRESH_MS && asked === 0) return;
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

  const error = failed?.key === key ? failed.error : null;
  const preview = error ? null : (recent.get(key)?.preview ?? null);
  return { preview, error, reload: () => setAsked((n) => n + 1) };
}
