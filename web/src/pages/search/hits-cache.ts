// The pages of hits that are shown. The packages' own memory takes a page in only once, so what it holds could never
// be renewed; this one can be told to forget.
import type { UseInfiniteHitsProps } from "react-instantsearch";

type Cache = NonNullable<UseInfiniteHitsProps["cache"]>;
type State = Parameters<Cache["read"]>[0]["state"];
type Pages = Parameters<Cache["write"]>[0]["hits"];

export interface HitsCache extends Cache {
  /** Forgets every page: the next answer is shown in their place. */
  clear: () => void;
}

/** Holds the pages of one search at a time. */
export function hitsCache(): HitsCache {
  let kept: { search: string; pages: Pages } | null = null;
  return {
    read: ({ state }) => (kept?.search === searchOf(state) ? kept.pages : null),
    write: ({ state, hits }) => {
      kept = { search: searchOf(state), pages: hits };
    },
    clear: () => {
      kept = null;
    },
  };
}

/** A search without its page, the same text for the same search in whatever order its parameters stand. */
function searchOf({ page: _, ...search }: State): string {
  return JSON.stringify(search, (_name, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
