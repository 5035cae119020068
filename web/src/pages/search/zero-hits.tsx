// No hits: why that may be, and what to do about it.
import { useLiveSources } from "../../api/live-sources";
import { useResource } from "../../api/resource";
import { useIsAdministrator } from "../../api/session";
import type { Status } from "../../api/types";
import { useEvery } from "../../lib/every";
import { plural } from "../../lib/format";
import { Link } from "../../router";
import { Button, Empty, Notice } from "../../ui/basics";
import { useFacets } from "./facets";
import { syncingText } from "./footer";
import { OPERATOR_OF } from "./operators";

const LOOK_AGAIN_MS = 3000;

/** How many changes an empty index has still to take in; `renew` is called as long as there are any. */
function useUnseen(renew: () => void): number {
  const { data: status, reload } = useResource<Status>(useIsAdministrator() ? "/status" : null);
  const unseen = status?.index.documents === 0 ? status.index.behind : 0;
  useEvery(unseen > 0 ? LOOK_AGAIN_MS : null, () => {
    reload();
    renew();
  });
  return unseen;
}

export function ZeroHits({ renew }: { renew: () => void }) {
  const { query, chosen, changed, clear } = useFacets();
  const { data: sources } = useLiveSources();
  const syncing = (sources ?? []).filter((source) => source.state === "syncing" || source.state === "queued");
  const filtered = chosen.length > 0 || changed !== null;
  const unseen = useUnseen(renew);

  if (unseen > 0 && sources && sources.length > 0) {
    return (
      <Empty title="The search index is being built">
        <p>
          Still to be taken in: {plural(unseen, "change")}. Nobody's turn: the hits turn up here by
          themselves.
        </p>
      </Empty>
    );
  }
  if (sources && sources.length === 0 && !filtered && query === "") {
    return (
      <Empty title="Nothing is connected yet">
        <p>Add a folder or an HTTP API, and what it holds turns up here while it is being read.</p>
        <Link className="button primary" to="/sources/new">
          Add a source
        </Link>
      </Empty>
    );
  }
  return (
    <Empty title={query.trim() ? `Nothing found for “${query.trim()}”` : "Nothing found"}>
      <ul>
        {filtered && (
          <li>
            Only hits with{" "}
            {[
              ...chosen.map((filter) => `${OPERATOR_OF[filter.attribute]}:${filter.value}`),
              ...(changed ? ["the chosen time of change"] : []),
            ].join(", ")}{" "}
            are shown.
          </li>
        )}
        {syncing.map((source) => (
          <li key={source.id}>
            {source.state === "queued" ? `${source.name} waits for its first turn` : syncingText(source)}:
            more may turn up.
          </li>
        ))}
        {sources?.length === 0 && <li>No source is shared with you yet.</li>}
        {query !== "" && <li>Every word must occur; fewer words find more.</li>}
        <li>Only what you may see is searched.</li>
      </ul>
      {filtered && <Button onClick={clear}>Remove the filters</Button>}
    </Empty>
  );
}

export function SearchFailed({ error, retry }: { error: Error | undefined; retry: () => void }) {
  return (
    <div className="search-failed">
      <Notice
        look="danger"
        role="alert"
        title="The search did not answer"
        raw={error ? `${error.name}: ${error.message}` : undefined}
        action={<Button onClick={retry}>Try again</Button>}
      >
        <p>Your turn: see whether the server runs and this device is connected. What you typed is kept.</p>
      </Notice>
    </div>
  );
}
