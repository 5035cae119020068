// The first few documents for what was typed, so that one that is known by name is a few letters away.
import { useEffect, useRef, useState } from "react";
import type { FoundHit } from "../pages/search/hit";
import { type Connection, connect, fetchSearchKey } from "../pages/search/search-client";

const SHOWN = 6;
// Letters of no script mark the matches: whatever a title holds, it can't be taken for a mark.
const BEGIN = "\uE000";
const END = "\uE001";

/** The hit with its highlights as the search page has them: escaped, with `<mark>`. */
function withMarks(hit: FoundHit): FoundHit {
  const title = hit._highlightResult?.title;
  if (!title) return hit;
  const escaped = title.value.replace(
    /[&<>]/g,
    (letter) => ({ "&": "&amp;", "<": "&lt;" })[letter] ?? "&gt;",
  );
  const value = escaped.replaceAll(BEGIN, "<mark>").replaceAll(END, "</mark>");
  return { ...hit, _highlightResult: { title: { ...title, value } } };
}

function close(connection: Promise<Connection> | null): void {
  connection?.then((each) => each.close()).catch(() => undefined);
}

/** Answers hits for `typed`, at least two letters; those for an earlier text stay until the next ones are here. */
export function useDocuments(typed: string): FoundHit[] {
  const [hits, setHits] = useState<FoundHit[]>([]);
  const connection = useRef<Promise<Connection> | null>(null);
  const query = typed.trim();

  useEffect(() => {
    if (query.length < 2) {
      setHits([]);
      return;
    }
    let late = false;
    connection.current ??= fetchSearchKey().then(connect);
    connection.current
      .then(({ client, index }) =>
        client.search<FoundHit>({
          requests: [
            {
              indexName: index,
              query,
              hitsPerPage: SHOWN,
              attributesToRetrieve: ["title", "kind", "url", "path", "source"],
              attributesToHighlight: ["title"],
              attributesToSnippet: [],
              highlightPreTag: BEGIN,
              highlightPostTag: END,
            },
          ],
        }),
      )
      .then(
        ({ results: [first] }) => {
          if (!late && first && "hits" in first) setHits(first.hits.map(withMarks));
        },
        () => {
          // Without an answer the other rows still work, and the search page says what is wrong.
          close(connection.current);
          connection.current = null;
          if (!late) setHits([]);
        },
      );
    return () => {
      late = true;
    };
  }, [query]);

  useEffect(() => () => close(connection.current), []);
  return hits;
}
