// The syncs of a source, the newest first.
import type { List } from "../../api/resource";
import type { Sync } from "../../api/types";
import { duration } from "../../lib/format";
import { Empty, Num, Time, useNow } from "../../ui/basics";
import { Listed } from "../../ui/listed";
import { Badge, SYNC_STATES } from "../../ui/state";
import { Head, Table } from "../../ui/table";
import { Sentence } from "../../ui/words";

export function HistoryTab({ syncs }: { syncs: List<Sync> }) {
  const now = useNow();
  return (
    <Listed
      list={syncs}
      empty={
        <Empty title="No sync yet">
          <p>Each sync is listed here with what it read, changed and removed.</p>
        </Empty>
      }
    >
      {(items) => (
        <Table
          label="Syncs"
          head={
            <>
              <Head>Began</Head>
              <Head>State</Head>
              <Head>Reads</Head>
              <Head num>Took</Head>
              <Head num>Seen</Head>
              <Head num>Changed</Head>
              <Head num>Removed</Head>
              <Head num>Errors</Head>
            </>
          }
        >
          {items.map((sync) => (
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
        </Table>
      )}
    </Listed>
  );
}
