// The foot of the search: how many hits, how long it took, what is still syncing.
import { useLiveSources } from "../../api/live-sources";
import type { Source } from "../../api/types";
import { plural } from "../../lib/format";
import { Link } from "../../router";
import { Icon } from "../../ui/icon";
import { syncFraction } from "../../ui/state";

type FooterProps = { hits: number; ms: number | undefined; known: boolean };

export function Footer({ hits, ms, known }: FooterProps) {
  const syncing = useSyncingSources();
  return (
    <footer className="search-foot">
      <span className="num" role="status">
        {known ? plural(hits, "hit") : ""}
      </span>
      <span className="num">{known && ms !== undefined ? `${ms} ms` : ""}</span>
      <span className="foot-syncing">
        {syncing.slice(0, 2).map((source) => (
          <Link key={source.id} to={`/sources/${source.id}`} className="state info">
            <Icon name="sync" />
            <span>{syncingText(source)}</span>
          </Link>
        ))}
        {syncing.length > 2 && <Link to="/sources">and {syncing.length - 2} more syncing</Link>}
      </span>
    </footer>
  );
}

/** `Syncing Finance drive, 62 %`. */
export function syncingText(source: Source): string {
  const fraction = source.current_sync ? syncFraction(source.current_sync) : null;
  return `Syncing ${source.name}${fraction === null ? "" : `, ${Math.floor(fraction * 100)} %`}`;
}

function useSyncingSources(): Source[] {
  const { data } = useLiveSources();
  return (data ?? []).filter((source) => source.state === "syncing");
}
