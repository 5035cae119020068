// The hits of the present search, page after page, and how they are asked for anew.
import { useEffect, useRef, useState } from "react";
import { useInfiniteHits, useInstantSearch } from "react-instantsearch";
import { useFacets } from "./facets";
import type { FoundHit } from "./hit";
import { hitsCache } from "./hits-cache";
import { useLiveRefresh } from "./live-refresh";

export const NO_HITS: FoundHit[] = [];

interface UseHits {
  /** The text that stands in the box. */
  typed: () => string;
  /** Is told when the rows are about to be replaced by what is there now. */
  beforeRenewal: () => void;
}

export function useHits({ typed, beforeRenewal }: UseHits) {
  const [cache] = useState(hitsCache);
  const { hits: found, showMore, isLastPage, results } = useInfiniteHits({ cache });
  const { query, search } = useFacets();
  const { status, error, refresh, setIndexUiState } = useInstantSearch({ catchError: true });
  // While a search is made again, what it found before stays.
  const shown = useRef(NO_HITS);
  if (status === "idle" || found.length > 0) shown.current = found as unknown as FoundHit[];
  const hits = shown.current;

  // After a failure the packages' query is the last one that was answered; what is in the box is what is asked for.
  const renew = () => {
    const wanted = typed();
    cache.clear();
    if (wanted === query) refresh();
    else search(wanted);
  };

  // Something landed: the first page is asked for anew in its place. Who has read on keeps the rows, and is told.
  const [behind, setBehind] = useState(false);
  const hasReadOn = (results?.page ?? 0) > 0;
  useLiveRefresh(() => {
    if (hasReadOn) return setBehind(true);
    beforeRenewal();
    renew();
  });
  useEffect(() => {
    if (!hasReadOn) setBehind(false);
  }, [hasReadOn]);

  const beginAnew = () => {
    cache.clear();
    setIndexUiState(({ page: _, ...state }) => state);
  };
  return {
    hits,
    results,
    status,
    error,
    /** Asks for the first page of what is in the box anew. */
    renew,
    showMore,
    isLastPage,
    /** Shows the first page as it is now; there while the rows may be out of date. */
    beginAnew: behind && hasReadOn ? beginAnew : null,
  };
}
