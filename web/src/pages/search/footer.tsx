// The foot of the search: how many hits, how long it took, what is still syncing.
import { useCallback } from "react";
import { useEvents } from "../../api/events";
import { useList } from "../../api/resource";
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

/** The sources of the caller, with their state kept current by events. */
export function useLiveSources() {
  const list = useList<Source>("/sources?limit=200");
  const { data, set, reload } = list;
  useEvents(
    useCallback(
      (event) => {
        if (event.type === "resumed") reload();
        if (!data) return;
        if (event.type === "source") {
          const known = data.find((source) => source.id === event.data.id);
          if (!known) reload();
          else if (known.state !== event.data.state) {
            set(data.map((each) => (each.id === known.id ? { ...each, state: event.data.state } : each)));
            reload();
          }
        }
        if (event.type === "sync") {
          const sync = event.data;
          if (sync.finished_at) reload();
          else set(data.map((each) => (each.id === sync.source ? { ...each, current_sync: sync } : each)));
        }
      },
      [data, set, reload],
    ),
  );
  return list;
}

export function useSyncingSources(): Source[] {
  const { data } = useLiveSources();
  return (data ?? []).filter((source) => source.state === "syncing");
}
