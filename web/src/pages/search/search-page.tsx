// The search: one input, rows as you type, the preview beside them.
import { useEffect, useState } from "react";
import { Configure, InstantSearch } from "react-instantsearch";
import { type ApiError, asApiError } from "../../api/client";
import { useParam } from "../../router";
import { Shell } from "../../shell";
import { ErrorNotice } from "../../ui/basics";
import { changedSince } from "./changed";
import { FacetProvider } from "./facets";
import { type Connection, connect, facetValues, fetchSearchKey } from "./search-client";
import { searchRouting } from "./search-route";
import { SearchView } from "./search-view";
import "./search.css";

export function SearchPage(_: { params: Record<string, string> }) {
  const [connection, setConnection] = useState<Connection | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [asked, setAsked] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the request to try again.
  useEffect(() => {
    let gone = false;
    let made: Connection | null = null;
    setError(null);
    fetchSearchKey().then(
      (key) => {
        if (gone) return;
        made = connect(key);
        setConnection(made);
      },
      (failure: unknown) => !gone && setError(asApiError(failure)),
    );
    return () => {
      gone = true;
      made?.close();
    };
  }, [asked]);

  if (error) {
    return (
      <Shell title="Fossick">
        <ErrorNotice error={error} retry={() => setAsked((n) => n + 1)} />
      </Shell>
    );
  }
  // Until the key is here the bar stands as it will, so that nothing moves.
  if (!connection) {
    return (
      <Shell title="Fossick" centre={<div className="search-box" />} bare>
        {null}
      </Shell>
    );
  }
  return <Connected connection={connection} />;
}

/** What a row shows; texts stay on the server. */
const SHOWN = ["title", "kind", "url", "path", "people", "source", "source_id", "stream", "changed_at"];

function Connected({ connection }: { connection: Connection }) {
  const { client, index } = connection;
  const [changed] = useParam("changed");
  const [routing] = useState(() => searchRouting(index));
  const [lookUp] = useState(
    () => (attribute: string, typed: string) => facetValues(connection, attribute, typed),
  );
  const since = changedSince(changed, Date.now());
  return (
    <InstantSearch
      searchClient={client}
      indexName={index}
      routing={routing}
      stalledSearchDelay={150}
      future={{ preserveSharedStateOnUnmount: true, persistHierarchicalRootCount: true }}
    >
      <Configure
        hitsPerPage={30}
        attributesToRetrieve={SHOWN}
        attributesToHighlight={["title", "people", "path"]}
        attributesToSnippet={["body:24"]}
        snippetEllipsisText="…"
        numericFilters={since === null ? [] : [`changed_at>=${since}`]}
      />
      <FacetProvider lookUp={lookUp}>
        <SearchView />
      </FacetProvider>
    </InstantSearch>
  );
}
