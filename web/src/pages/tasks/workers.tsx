// The workers: which processes run tasks, from which queues, and whether they are still there.
import type { Status } from "../../api/types";
import { Num, Time, useNow } from "../../ui/basics";
import { Badge } from "../../ui/state";
import { Head, Table } from "../../ui/table";

/** Not heard of for this long, a worker counts as gone. */
const GONE_MS = 60_000;

const HERE = { word: "At work", icon: "check", look: "success" } as const;
const GONE = { word: "Not heard of", icon: "alert", look: "warning" } as const;

export function WorkerTable({ workers }: { workers: Status["workers"] }) {
  const now = useNow();
  if (workers.length === 0) {
    return <p className="quiet-text">No worker has reported yet. Tasks wait until one runs.</p>;
  }
  return (
    <Table
      label="Workers"
      head={
        <>
          <Head>Worker</Head>
          <Head>State</Head>
          <Head className="not-on-phones">Claims from</Head>
          <Head num>Running</Head>
          <Head className="wide-only">Started</Head>
          <Head className="not-on-phones">Last heard of</Head>
        </>
      }
    >
      {workers.map((worker) => (
        <tr key={worker.name}>
          <td className="grow mono">{worker.name}</td>
          <td>
            <Badge face={now - worker.seen_at < GONE_MS ? HERE : GONE} />
          </td>
          <td className="not-on-phones nowrap">{worker.queues.join(", ")}</td>
          <td className="num">
            <Num n={worker.running} />
          </td>
          <td className="wide-only nowrap">
            <Time at={worker.started_at} />
          </td>
          <td className="not-on-phones nowrap">
            <Time at={worker.seen_at} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
