// Reads with memory: a page shows what it knew at once and the newer answer as soon as it is there.
import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, asApiError, get } from "./client";
import type { Page } from "./types";

const known = new Map<string, unknown>();
const KNOWN_MAX = 200;

function remember(path: string, value: unknown): void {
  known.delete(path);
  known.set(path, value);
  const oldest = known.keys().next();
  if (known.size > KNOWN_MAX && !oldest.done) known.delete(oldest.value);
}

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | null;
  /** Whether the first answer is still on its way. */
  loading: boolean;
  reload: () => void;
  /** Replaces what is shown, for an answer that came with a write. */
  set: (value: T) => void;
}

/** The answer of `GET /api/v1<path>`; `null` reads nothing. An answer for an earlier path is dropped. */
export function useResource<T>(path: string | null): Resource<T> {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<{ path: string; error: ApiError } | null>(null);
  const [asked, setAsked] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the request to read again.
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return;
        remember(path, value);
        setFailed(null);
        redraw((n) => n + 1);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = asApiError(error);
        // What may no longer be seen must not stay on the screen.
        if (problem.status === 403 || problem.status === 404) known.delete(path);
        setFailed({ path, error: problem });
      },
    );
    return () => abort.abort();
  }, [path, asked]);

  const reload = useCallback(() => setAsked((n) => n + 1), []);
  const set = useCallback(
    (value: T) => {
      if (path !== null) remember(path, value);
      redraw((n) => n + 1);
    },
    [path],
  );
  const data = path === null ? undefined : (known.get(path) as T | undefined);
  const error = failed && failed.path === path ? failed.error : null;
  return { data, error, loading: path !== null && data === undefined && error === null, reload, set };
}

export interface List<T> extends Resource<T[]> {
  more: boolean;
  loadMore: () => void;
  loadingMore: boolean;
}

/** A cursor list, page after page. */
export function useList<T>(path: string | null): List<T> {
  const first = useResource<Page<T>>(path);
  const [rest, setRest] = useState<{ path: string | null; items: T[]; next: string | null }>({
    path: null,
    items: [],
    next: null,
  });
  const [loadingMore, setLoadingMore] = useState(false);
  const current = useRef(path);
  current.current = path;
  const own = rest.path === path ? rest : null;
  const next = own ? own.next : (first.data?.next ?? null);

  const loadMore = useCallback(() => {
    if (path === null || next === null || loadingMore) return;
    setLoadingMore(true);
    const glue = path.includes("?") ? "&" : "?";
    get<Page<T>>(`${path}${glue}after=${encodeURIComponent(next)}`)
      .then((page) => {
        if (current.current !== path) return;
        setRest({ path, items: [...(own?.items ?? []), ...page.items], next: page.next ?? null });
      })
      .catch(() => undefined)
      .finally(() => setLoadingMore(false));
  }, [path, next, loadingMore, own]);

  const { reload: reloadFirst, set: setFirst } = first;
  const reload = useCallback(() => {
    setRest({ path: null, items: [], next: null });
    reloadFirst();
  }, [reloadFirst]);
  const set = useCallback((items: T[]) => setFirst({ items, next: null }), [setFirst]);
  const items = first.data === undefined ? undefined : [...first.data.items, ...(own?.items ?? [])];
  return {
    data: items,
    error: first.error,
    loading: first.loading,
    reload,
    set,
    more: next !== null,
    loadMore,
    loadingMore,
  };
}
