// The lines of a log: the newest ones at first, earlier ones on request, and each new one as it is written.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type ApiError, asApiError, get } from "../api/client";
import { useEvents } from "../api/events";
import type { LogLine, Page } from "../api/types";

/** The least that is shown. */
export type Level = LogLine["level"];
const RANK: Record<Level, number> = { info: 0, warn: 1, error: 2 };

const PAGE = 200;
/** More than this is not kept; the earliest go. */
const KEPT = 5000;

export interface Log {
  /** The earliest first; `undefined` while the first answer is on its way. */
  lines: LogLine[] | undefined;
  error: ApiError | null;
  retry: () => void;
  /** Whether there are earlier lines. */
  more: boolean;
  loadEarlier: () => Promise<void>;
}

export interface Kept {
  /** Where the lines were read. */
  address: string;
  lines: LogLine[];
  next: string | null;
}

const lastOf = (lines: LogLine[]): number => lines.at(-1)?.id ?? 0;

/** The lines with those of `newer` behind them that they don't hold yet. */
function followed(kept: Kept, newer: LogLine[]): Kept {
  const last = lastOf(kept.lines);
  const missing = newer.filter((line) => line.id > last);
  return missing.length === 0 ? kept : { ...kept, lines: [...kept.lines, ...missing].slice(-KEPT) };
}

/** What was read again, behind the earlier lines that are shown already, if there is no gap between them. */
export function joined(old: Kept | null, read: Kept): Kept {
  const first = read.lines[0]?.id ?? 0;
  return old?.address === read.address && first <= lastOf(old.lines) ? followed(old, read.lines) : read;
}

/** The log at `GET /api/v1<path>`; `belongs` says which of the lines that are told as they happen are part of it. */
export function useLog(path: string, level: Level, belongs: (line: LogLine) => boolean): Log {
  const [state, setState] = useState<Kept | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [asked, setAsked] = useState(0);
  /** Told while an answer was on its way, which may not hold them. */
  const meanwhile = useRef<LogLine[]>([]);
  const address = `${path}?limit=${PAGE}&level=${level}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the request to read again.
  useEffect(() => {
    const abort = new AbortController();
    meanwhile.current = [];
    get<Page<LogLine>>(address, abort.signal).then(
      ({ items, next }) => {
        setError(null);
        const read = { address, lines: items.reverse(), next: next ?? null };
        setState((old) => followed(joined(old, read), meanwhile.current));
      },
      (failure: unknown) => !abort.signal.aborted && setError(asApiError(failure)),
    );
    return () => abort.abort();
  }, [address, asked]);

  const retry = useCallback(() => setAsked((n) => n + 1), []);
  useEvents((event) => {
    if (event.type === "resumed") retry();
    if (event.type !== "log" || RANK[event.data.level] < RANK[level] || !belongs(event.data)) return;
    const line = event.data;
    meanwhile.current = [...meanwhile.current.slice(1 - PAGE), line];
    setState((old) => old && followed(old, [line]));
  });

  const next = state?.next ?? null;
  const loadEarlier = useCallback(async () => {
    if (next === null) return;
    try {
      const page = await get<Page<LogLine>>(`${address}&after=${encodeURIComponent(next)}`);
      setState((old) =>
        old?.next === next
          ? { ...old, lines: [...page.items.reverse(), ...old.lines], next: page.next ?? null }
          : old,
      );
    } catch (failure) {
      setError(asApiError(failure));
    }
  }, [address, next]);

  return useMemo(
    () => ({ lines: state?.lines, error, retry, more: next !== null, loadEarlier }),
    [state, error, retry, next, loadEarlier],
  );
}
