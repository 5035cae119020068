// Reads with memory: a page shows what it knew at once and the newer answer as soon as it is there.
import { useCallback, useEffect, useState } from "react";
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

/** Reads what is kept under `path`, with the means of the caller. */
type Read<T> = (path: string, signal: AbortSignal) => Promise<T>;

const readOne = <T>(path: string, signal: AbortSignal): Promise<T> => get<T>(path, signal);

/** The answer of `GET /api/v1<path>`; `null` reads nothing. An answer for an earlier path is dropped. */
export const useResource = <T>(path: string | null): Resource<T> => useRead<T>(path, readOne);

/** `read` has to be the same function each time. */
function useRead<T>(path: string | null, read: Read<T>): Resource<T> {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<{ path: string; error: ApiError } | null>(null);
  const [asked, setAsked] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the request to read again.
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    read(path, abort.signal).then(
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
  }, [path, asked, read]);

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

/** As much of a cursor list as is shown: its pages, joined, and where the next one begins. */
type Shown<T> = Required<Page<T>>;

const pageAfter = async <T>(path: string, after: string | null, signal?: AbortSignal): Promise<Shown<T>> => {
  const glue = path.includes("?") ? "&" : "?";
  const from = after === null ? "" : `${glue}after=${encodeURIComponent(after)}`;
  const { items, next } = await get<Page<T>>(path + from, signal);
  return { items, next: next ?? null };
};

/** Reads pages until there are as many items as `wanted` says; at least the first page. */
async function readPages<T>(path: string, signal: AbortSignal, wanted: () => number): Promise<Shown<T>> {
  let read = await pageAfter<T>(path, null, signal);
  while (read.next !== null && read.items.length < wanted()) {
    const page = await pageAfter<T>(path, read.next, signal);
    read = { items: [...read.items, ...page.items], next: page.next };
  }
  return read;
}

/** What was shown stays in reach: as much is read again. */
const readShown = <T>(path: string, signal: AbortSignal): Promise<Shown<T>> =>
  readPages(path, signal, () => (known.get(path) as Shown<T> | undefined)?.items.length ?? 0);

/** A form that offers more than this to choose from is no use to anybody. */
const ALL_MAX = 10_000;
const readAll = <T>(path: string, signal: AbortSignal): Promise<Shown<T>> =>
  readPages(path, signal, () => ALL_MAX);

/** A cursor list, page after page. */
export const useList = <T>(path: string | null): List<T> => useShown<T>(path, readShown);

/** A cursor list with all its pages, for what is chosen from. */
export const useAll = <T>(path: string | null): List<T> => useShown<T>(path, readAll);

function useShown<T>(path: string | null, read: Read<Shown<T>>): List<T> {
  const { data: shown, set: setShown, ...resource } = useRead<Shown<T>>(path, read);
  const [loadingMore, setLoadingMore] = useState(false);
  const [refused, setRefused] = useState<{ after: string; error: ApiError } | null>(null);
  const next = shown?.next ?? null;

  const loadMore = useCallback(() => {
    if (path === null || next === null || loadingMore) return;
    setLoadingMore(true);
    setRefused(null);
    pageAfter<T>(path, next)
      .then((page) => {
        // Read again meanwhile: what is shown may end elsewhere now.
        const now = known.get(path) as Shown<T> | undefined;
        if (now?.next === next) setShown({ items: [...now.items, ...page.items], next: page.next });
      })
      .catch((error: unknown) => setRefused({ after: next, error: asApiError(error) }))
      .finally(() => setLoadingMore(false));
  }, [path, next, loadingMore, setShown]);

  const { reload: readAgain } = resource;
  const reload = useCallback(() => {
    setRefused(null);
    readAgain();
  }, [readAgain]);
  const set = useCallback((items: T[]) => setShown({ items, next }), [setShown, next]);
  // It is about the page that is asked for next, until that one is there.
  const error = resource.error ?? (refused?.after === next ? refused.error : null);
  return { ...resource, error, data: shown?.items, reload, set, more: next !== null, loadMore, loadingMore };
}
