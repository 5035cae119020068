// The unmodified Algolia client, pointed at this server, with a key that is renewed before it ends.
import { liteClient } from "algoliasearch/lite";
import { get } from "../../api/client";
import type { SearchKey } from "../../api/types";

type Client = ReturnType<typeof liteClient>;
type Search = Client["search"];
type Cache = NonNullable<NonNullable<Parameters<typeof liteClient>[2]>["responsesCache"]>;

export interface Connection {
  client: Client;
  index: string;
  close: () => void;
}

/** Each search is answered by the server: what was true a minute ago may be gone, or no longer the person's to see. */
const NOTHING_KEPT: Cache = {
  get: (_, ask) => ask(),
  set: async (_, answer) => answer,
  delete: async () => undefined,
  clear: async () => undefined,
};

const RENEW_EARLY_MS = 60_000;
const RENEW_MIN_MS = 5_000;

export const fetchSearchKey = (): Promise<SearchKey> => get<SearchKey>("/search-key");

/** Values of a filter with a word that begins with what was typed, of everything that the person may see. */
export async function facetValues(
  { client, index }: Connection,
  facet: string,
  typed: string,
): Promise<string[]> {
  const request = { type: "facet" as const, indexName: index, facet, facetQuery: typed, maxFacetHits: 100 };
  const { results } = await client.search({ requests: [request] });
  const first = results[0];
  return first && "facetHits" in first ? first.facetHits.map(({ value }: { value: string }) => value) : [];
}

/** Answers a client for the caller's key. `close` ends its renewal. */
export function connect(first: SearchKey): Connection {
  const client = liteClient(first.application_id, first.key, {
    hosts: [
      {
        // The page's own origin, whatever the server believes to be called: the page may talk to nobody else.
        url: location.host,
        accept: "readWrite",
        protocol: location.protocol === "https:" ? "https" : "http",
      },
    ],
    timeouts: { connect: 10_000, read: 15_000, write: 30_000 },
    responsesCache: NOTHING_KEPT,
  });

  let timer: ReturnType<typeof setTimeout>;
  let closed = false;
  let renewing: Promise<void> | null = null;
  const schedule = (key: SearchKey) => {
    clearTimeout(timer);
    // A renewal may still have been under way.
    if (closed) return;
    const wait = Math.min(key.expires_at - Date.now() - RENEW_EARLY_MS, 2 ** 31 - 1);
    timer = setTimeout(() => renew().catch(() => undefined), Math.max(RENEW_MIN_MS, wait));
  };
  const renew = (): Promise<void> => {
    renewing ??= fetchSearchKey()
      .then((key) => {
        client.setClientApiKey({ apiKey: key.key });
        schedule(key);
      })
      .finally(() => {
        renewing = null;
      });
    return renewing;
  };
  schedule(first);

  // A key that ended earlier than expected (a laptop slept, rights changed) is renewed once, unseen.
  const search = client.search.bind(client);
  client.search = (async (...request: Parameters<Search>) => {
    try {
      return await search(...request);
    } catch (error) {
      const status = (error as { status?: number }).status;
      if (status !== 401 && status !== 403) throw error;
      await renew();
      return search(...request);
    }
  }) as Search;

  const close = () => {
    closed = true;
    clearTimeout(timer);
  };
  return { client, index: first.index, close };
}
