// A hit as our index answers it, and where it leads.

export interface Highlighted {
  value: string;
  matchLevel: "none" | "partial" | "full";
}

export interface FoundHit {
  objectID: string;
  title: string;
  kind: string;
  url?: string | null;
  path?: string | null;
  people?: string[];
  source: string;
  source_id: number;
  stream: string;
  changed_at?: number | null;
  _highlightResult?: { title?: Highlighted; path?: Highlighted; people?: Highlighted[] };
  _snippetResult?: { body?: Highlighted };
}

/** The provider's page if it is one that a browser may open. */
export function providerUrl(url: string | null | undefined): string | null {
  return url && /^https?:\/\//i.test(url) ? url : null;
}

/** Our own viewer, which remembers the words to mark. */
export function viewerPath(id: string | number, query: string): string {
  const words = query.trim();
  return `/view/${id}${words ? `?q=${encodeURIComponent(words)}` : ""}`;
}

/** What a colleague can open: the provider's page, or our viewer's address. */
export function shareLink(id: string | number, url: string | null | undefined): string {
  return providerUrl(url) ?? `${location.origin}${viewerPath(id, "")}`;
}
