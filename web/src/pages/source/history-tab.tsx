// The syncs of a source, the newest first.
import type { List } from "../../api/resource";
import type { Sync } from "../../api/types";
import { duration } from "../../lib/format";
import { Empty, ErrorNotice, Num, Skeleton, Time, useNow } from "../../ui/basics";
import { ListEnd } from "../../ui/sort";
import { Badge, SYNC_STATES } from "../../ui/state";
import { Sentence } from "../../ui/words";

export function HistoryTab({ syncs }: { syncs: List<Sync> }) {
  const now = useNow();
  if (syncs.error) return <ErrorNotice error={syncs.error} retry={syncs.reload} />;
  if (!syncs.data) return <Skeleton rows={4} />;
  if (syncs.data.length === 0) {
    return (
      <Empty title="No sync yet">
        <p>Each sync is listed here with what it read, changed and removed.</p>
      </Empty>
    );
  }
  return (
    <>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Began</th>
              <th scope="col">State</th>
              <th scope="col">Reads</th>
              <th scope="col" className="num">
                Took
              </th>
              <th scope="col" className="num">
                Seen
              </th>
              <th scope="col" className="num">
                Changed
              </th>
              <th scope="col" className="num">
                Removed
              </th>
              <th scope="col" className="num">
                Errors
              </th>
            </tr>
          </thead>
          <tbody>
            {syncs.data.map((sync) => (
              <tr key={sync.id}>
                <td>
                  <Time at={sync.started_at} />
                </td>
                <td className="grow">
                  <Badge face={SYNC_STATES[sync.state]} />
                  {sync.message && (
                    <p className="small sync-message">
                      <Sentence text={sync.message} />
                    </p>
                  )}
                </td>
                <td>{sync.mode === "full" ? "everything" : "changes"}</td>
                <td className="num">
                  {duration(
                    Math.max(0, (sync.finished_at ?? Math.max(now, sync.started_at)) - sync.started_at),
                  )}
                </td>
                <td className="num">
                  <Num n={sync.records_seen} />
                </td>
                <td className="num">
                  <Num n={sync.records_changed} />
                </td>
                <td className="num">
                  <Num n={sync.records_deleted} />
                </td>
                <td className="num">
                  <Num n={sync.failures} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ListEnd
        more={syncs.more}
        loading={syncs.loadingMore}
        load={syncs.loadMore}
        shown={syncs.data.length}
      />
    </>
  );
}
