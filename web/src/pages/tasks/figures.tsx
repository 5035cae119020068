// The server at a glance: what runs, waits and was given up, how fast it goes, whether the index keeps up.
import type { ReactNode } from "react";
import type { Queue, Status } from "../../api/types";
import { bytes, count, plural } from "../../lib/format";
import { Time } from "../../ui/basics";

export function Figures({ status }: { status: Status | undefined }) {
  const queues = status?.queues;
  const limit = queues?.reduce((sum, queue) => sum + (queue.limit ?? 0), 0);
  const { index } = status ?? {};
  return (
    <dl className="figures">
      <Figure name="Running" note={limit ? `of ${count(limit)} at once` : undefined}>
        {total(queues, "running")}
      </Figure>
      <Figure name="Waiting for a worker" note={oldestNote(queues)}>
        {total(queues, "available")}
      </Figure>
      <Figure name="Tried again later">{total(queues, "retryable")}</Figure>
      <Figure name="Given up">{total(queues, "discarded")}</Figure>
      <Figure name="Done per minute">{total(queues, "done_per_min")}</Figure>
      <Figure
        name="Documents in the index"
        note={index && status ? `${behindText(index.behind)}, ${bytes(status.data_bytes)}` : undefined}
      >
        {index ? count(index.documents) : "–"}
      </Figure>
    </dl>
  );
}

function Figure({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="figure num">{children}</span>
        <span className="small quiet-text">{note ?? "\u00a0"}</span>
      </dd>
    </div>
  );
}

type Counted = "running" | "available" | "retryable" | "discarded" | "done_per_min";

function total(queues: Queue[] | undefined, what: Counted): string {
  return queues ? count(queues.reduce((sum, queue) => sum + queue[what], 0)) : "–";
}

function oldestNote(queues: Queue[] | undefined): ReactNode {
  const oldest = queues?.flatMap((queue) => queue.oldest_at ?? []).sort((a, b) => a - b)[0];
  return oldest === undefined ? undefined : (
    <>
      oldest from <Time at={oldest} />
    </>
  );
}

function behindText(behind: number): string {
  return behind === 0 ? "up to date" : `${plural(behind, "change")} behind`;
}
