// The queues: depth, age, throughput, and a switch to pause each.
import { useState } from "react";
import { post } from "../../api/client";
import type { Resource } from "../../api/resource";
import type { Queue } from "../../api/types";
import { Button, ErrorNotice, Num, Skeleton, Time } from "../../ui/basics";
import { Icon } from "../../ui/icon";
import { attempt } from "../../ui/overlay";
import { ActionsHead, Head, Table } from "../../ui/table";

type QueuesProps = { queues: Resource<{ items: Queue[] }>; choose: (queue: string) => void };

export function QueueTable({ queues, choose }: QueuesProps) {
  const [busy, setBusy] = useState<string | null>(null);
  const toggle = async (queue: Queue) => {
    setBusy(queue.name);
    const done = await attempt(
      () => post(`/queues/${encodeURIComponent(queue.name)}/${queue.paused ? "resume" : "pause"}`),
      queue.paused ? `Queue ${queue.name} goes on` : `Queue ${queue.name} is paused; what runs is finished`,
    );
    if (done) queues.reload();
    setBusy(null);
  };
  if (queues.error) return <ErrorNotice error={queues.error} retry={queues.reload} />;
  if (!queues.data) return <Skeleton rows={4} />;
  return (
    <section className="section">
      <h2>Queues</h2>
      <Table
        label="Queues"
        head={
          <>
            <Head>Queue</Head>
            <Head num>Available</Head>
            <Head num>Running</Head>
            <Head num>Scheduled</Head>
            <Head num>Retryable</Head>
            <Head num>Discarded</Head>
            <Head num>Done per min</Head>
            <Head>Oldest</Head>
            <ActionsHead />
          </>
        }
      >
        {queues.data.items.map((queue) => (
          <tr key={queue.name}>
            <td className="grow">
              <button type="button" className="task-link" onClick={() => choose(queue.name)}>
                {queue.name}
              </button>
              {queue.paused && (
                <span className="state neutral queue-paused">
                  <Icon name="pause" /> Paused
                </span>
              )}
            </td>
            <td className="num">
              <Num n={queue.available} />
            </td>
            <td className="num">
              <Num n={queue.running} />
              {queue.limit ? <span className="quiet-text"> of {queue.limit}</span> : null}
            </td>
            <td className="num">
              <Num n={queue.scheduled} />
            </td>
            <td className="num">
              <Num n={queue.retryable} />
            </td>
            <td className="num">
              <Num n={queue.discarded} />
            </td>
            <td className="num">
              <Num n={queue.done_per_min} />
            </td>
            <td className="nowrap">
              <Time at={queue.oldest_at} none="–" />
            </td>
            <td className="actions">
              <Button
                icon={queue.paused ? "play" : "pause"}
                busy={busy === queue.name}
                onClick={() => toggle(queue)}
                aria-label={`${queue.paused ? "Resume" : "Pause"} queue ${queue.name}`}
              >
                {queue.paused ? "Resume" : "Pause"}
              </Button>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
