// The queues: depth, age, throughput, and a switch to pause each.
import { useState } from "react";
import { post } from "../../api/client";
import type { Queue, TaskState } from "../../api/types";
import { Link } from "../../router";
import { Button, Num, Time } from "../../ui/basics";
import { Icon } from "../../ui/icon";
import { attempt } from "../../ui/overlay";
import { TASK_STATES } from "../../ui/state";
import { ActionsHead, Head, Table } from "../../ui/table";

export function QueueTable({ queues, changed }: { queues: Queue[]; changed: () => void }) {
  const [busy, setBusy] = useState<string | null>(null);
  const toggle = async (queue: Queue) => {
    setBusy(queue.name);
    const done = await attempt(
      () => post(`/queues/${encodeURIComponent(queue.name)}/${queue.paused ? "resume" : "pause"}`),
      queue.paused ? `Queue ${queue.name} goes on` : `Queue ${queue.name} is paused; what runs is finished`,
    );
    if (done) changed();
    setBusy(null);
  };
  return (
    <Table
      label="Queues"
      head={
        <>
          <Head>Queue</Head>
          <Head num>Available</Head>
          <Head num>Running</Head>
          <Head num className="wide-only">
            Scheduled
          </Head>
          <Head num className="not-on-phones">
            Retryable
          </Head>
          <Head num className="wide-only">
            Pending
          </Head>
          <Head num className="not-on-phones">
            Discarded
          </Head>
          <Head num className="wide-only">
            Done per min
          </Head>
          <Head className="wide-only">Oldest</Head>
          <ActionsHead />
        </>
      }
    >
      {queues.map((queue) => (
        <tr key={queue.name}>
          <td className="grow">
            <Link to={`/tasks?queue=${encodeURIComponent(queue.name)}`}>{queue.name}</Link>
            {queue.paused && (
              <span className="state neutral queue-paused">
                <Icon name="pause" /> Paused
              </span>
            )}
          </td>
          <CountCell queue={queue} state="available" />
          <CountCell queue={queue} state="running" />
          <CountCell queue={queue} state="scheduled" className="wide-only" />
          <CountCell queue={queue} state="retryable" className="not-on-phones" />
          <CountCell queue={queue} state="pending" className="wide-only" />
          <CountCell queue={queue} state="discarded" className="not-on-phones" />
          <td className="num wide-only">
            <Num n={queue.done_per_min} />
          </td>
          <td className="nowrap wide-only">
            <Time at={queue.oldest_at} none="–" />
          </td>
          <td className="actions">
            <Button
              icon={queue.paused ? "play" : "pause"}
              busy={busy === queue.name}
              onClick={() => toggle(queue)}
              aria-label={`${queue.paused ? "Resume" : "Pause"} queue ${queue.name}`}
            >
              <span className="not-on-phones">{queue.paused ? "Resume" : "Pause"}</span>
            </Button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

type Counted = Extract<TaskState, keyof Queue>;
type CellProps = { queue: Queue; state: Counted; className?: string };

/** How many tasks of the queue are in a state; the number leads to them. */
function CountCell({ queue, state, className = "" }: CellProps) {
  const n = queue[state];
  const limit =
    state === "running" && queue.limit ? <span className="quiet-text"> of {queue.limit}</span> : null;
  const look = state === "discarded" || state === "retryable" ? TASK_STATES[state].look : "";
  return (
    <td className={`num ${className}`}>
      {n === 0 ? (
        <Num n={0} />
      ) : (
        <Link
          className={look ? `state ${look}` : undefined}
          to={`/tasks?queue=${encodeURIComponent(queue.name)}&state=${state}`}
          aria-label={`${n} ${TASK_STATES[state].word.toLowerCase()} in queue ${queue.name}`}
        >
          <Num n={n} />
        </Link>
      )}
      {limit}
    </td>
  );
}
