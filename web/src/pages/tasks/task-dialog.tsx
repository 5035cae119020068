// One task with everything known about it: arguments, attempts, errors, and the buttons.
import { useState } from "react";
import { post } from "../../api/client";
import { useEvents } from "../../api/events";
import { useResource } from "../../api/resource";
import type { Task } from "../../api/types";
import { LogView } from "../../log/log-view";
import { Button, ErrorNotice, Notice, Skeleton, Time } from "../../ui/basics";
import { useAction } from "../../ui/form";
import { copyAndSay, Dialog, say } from "../../ui/overlay";
import { Badge, TASK_STATES } from "../../ui/state";
import { Sentence } from "../../ui/words";
import { attemptText } from "./attempts";

const ENDED = ["completed", "discarded", "cancelled"];

export function TaskDialog({
  id,
  changed,
  onClose,
}: {
  id: string;
  changed: () => void;
  onClose: () => void;
}) {
  const { data, error, loading, reload } = useResource<Task>(`/tasks/${encodeURIComponent(id)}`);
  const action = useAction();
  useEvents((event) => {
    if (event.type === "resumed" || (event.type === "task" && String(event.data.id) === id)) reload();
  });
  const press = (verb: "retry" | "cancel", done: string) =>
    action.run(async () => {
      await post(`/tasks/${encodeURIComponent(id)}/${verb}`);
      say(done);
      reload();
      changed();
    });
  return (
    <Dialog title={data ? `${data.kind} ${data.id}` : `Task ${id}`} onClose={onClose} wide>
      {error && <ErrorNotice error={error} retry={reload} />}
      {loading && <Skeleton rows={4} />}
      {data && (
        <>
          <dl className="facts">
            <dt>State</dt>
            <dd>
              <Badge face={TASK_STATES[data.state]} />
            </dd>
            <dt>Queue</dt>
            <dd>
              {data.queue}, priority {data.priority}
            </dd>
            <dt>Attempt</dt>
            <dd>{attemptText(data)}</dd>
            <dt>Made</dt>
            <dd>
              <Time at={data.created_at} />
            </dd>
            <dt>{data.finished_at ? "Ended" : "Runs"}</dt>
            <dd>
              <Time at={data.finished_at ?? data.run_at} />
            </dd>
            {data.worker && (
              <>
                <dt>Worker</dt>
                <dd className="mono">{data.worker}</dd>
              </>
            )}
          </dl>
          {data.error && <Notice look="danger" title={<Sentence text={data.error} />} />}
          <TaskJson title="Arguments" value={data.args} open />
          {data.errors && data.errors.length > 0 && <TaskJson title="Earlier errors" value={data.errors} />}
          <TaskLog id={id} />
          {action.error && <ErrorNotice error={action.error} />}
          <div className="form-buttons">
            <Button
              icon="sync"
              busy={action.busy}
              disabled={data.state === "running" || data.state === "available"}
              onClick={() => press("retry", "The task runs again")}
            >
              Run again
            </Button>
            {!ENDED.includes(data.state) && (
              <Button
                icon="close"
                busy={action.busy}
                onClick={() => press("cancel", "The task is cancelled")}
              >
                Cancel it
              </Button>
            )}
            <Button
              look="quiet"
              icon="copy"
              onClick={() => copyAndSay(JSON.stringify(data, null, 2), "task")}
            >
              Copy as JSON
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Read once somebody wants to see it. */
function TaskLog({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Log</summary>
      {open && (
        <LogView path={`/tasks/${encodeURIComponent(id)}/log`} belongs={(line) => line.task === Number(id)} />
      )}
    </details>
  );
}

function TaskJson({ title, value, open }: { title: string; value: unknown; open?: boolean }) {
  return (
    <details open={open}>
      <summary>{title}</summary>
      <pre className="raw">{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
