// Tasks and queues: what waits, runs, is tried again or was given up, and the switches.
import { useCallback, useRef, useState } from "react";
import { useEvents } from "../../api/events";
import { useList, useResource } from "../../api/resource";
import { useIsAdministrator } from "../../api/session";
import type { Queue, Source, Task, TaskState } from "../../api/types";
import { Link, useParam } from "../../router";
import { Shell } from "../../shell";
import { Empty, ErrorNotice, Skeleton, Time } from "../../ui/basics";
import { SelectField, TextField } from "../../ui/form";
import { ListEnd } from "../../ui/sort";
import { Badge, TASK_STATES } from "../../ui/state";
import { Words } from "../../ui/words";
import { attemptText } from "./attempts";
import { QueueTable } from "./queues";
import { TaskDialog } from "./task-dialog";
import "./tasks.css";
import { Head, Table } from "../../ui/table";

const FILTERS = ["state", "queue", "kind", "source"] as const;

export default function TasksPage(_: { params: Record<string, string> }) {
  if (!useIsAdministrator()) {
    return (
      <Shell title="Tasks">
        <h1>Tasks</h1>
        <Empty title="Tasks are for administrators">
          <p>
            The state of your sources is on their own pages: <Link to="/sources">sources</Link>.
          </p>
        </Empty>
      </Shell>
    );
  }
  return <Tasks />;
}

function Tasks() {
  const [state, setState] = useParam("state");
  const [queue, setQueue] = useParam("queue");
  const [kind, setKind] = useParam("kind");
  const [source, setSource] = useParam("source");
  const [shown, setShown] = useParam("task");
  const values = { state, queue, kind, source };
  const query = new URLSearchParams({ limit: "50" });
  for (const name of FILTERS) if (values[name]) query.set(name, values[name] ?? "");
  const tasks = useList<Task>(`/tasks?${query}`);
  const sources = useList<Source>("/sources?limit=200");
  const queues = useResource<{ items: Queue[] }>("/queues");
  const reloadSoon = useSoon(
    useCallback(() => {
      tasks.reload();
      queues.reload();
    }, [tasks.reload, queues.reload]),
  );
  useEvents((event) => {
    if (event.type === "task" || event.type === "resumed" || event.type === "sync") reloadSoon();
  });
  const filtered = FILTERS.some((name) => values[name]);

  return (
    <Shell title="Tasks">
      <h1>Tasks and queues</h1>
      <QueueTable queues={queues} choose={setQueue} />
      <section className="section">
        <h2>Tasks</h2>
        <div className="filters">
          <SelectField
            label="State"
            value={state ?? ""}
            onChange={setState}
            options={[
              { value: "", label: "Any" },
              ...(Object.keys(TASK_STATES) as TaskState[]).map((each) => ({
                value: each,
                label: TASK_STATES[each].word,
              })),
            ]}
          />
          <SelectField
            label="Queue"
            value={queue ?? ""}
            onChange={setQueue}
            options={[
              { value: "", label: "Any" },
              ...(queues.data?.items ?? []).map((each) => ({ value: each.name, label: each.name })),
            ]}
          />
          <LazyText label="Kind" value={kind ?? ""} onChange={setKind} placeholder="parse_page" />
          <SelectField
            label="Source"
            value={source ?? ""}
            onChange={setSource}
            options={[
              { value: "", label: "Any" },
              ...(sources.data ?? []).map((each) => ({ value: String(each.id), label: each.name })),
            ]}
          />
        </div>
        {tasks.error && <ErrorNotice error={tasks.error} retry={tasks.reload} />}
        {tasks.loading && <Skeleton rows={6} />}
        {tasks.data?.length === 0 && (
          <Empty title={filtered ? "No task passes these filters" : "No tasks"}>
            <p>Syncs put their work here: fetching, parsing, uploading. Finished tasks stay for a while.</p>
          </Empty>
        )}
        {tasks.data && tasks.data.length > 0 && (
          <>
            <TaskTable tasks={tasks.data} sources={sources.data ?? []} show={(id) => setShown(String(id))} />
            <ListEnd
              more={tasks.more}
              loading={tasks.loadingMore}
              load={tasks.loadMore}
              shown={tasks.data.length}
            />
          </>
        )}
      </section>
      {shown && <TaskDialog id={shown} changed={reloadSoon} onClose={() => setShown(null)} />}
    </Shell>
  );
}

/** Calls `work` at most once a second, however often it is asked to. */
function useSoon(work: () => void): () => void {
  const due = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(work);
  latest.current = work;
  return useCallback(() => {
    due.current ??= setTimeout(() => {
      due.current = null;
      latest.current();
    }, 1000);
  }, []);
}

type LazyProps = { label: string; value: string; onChange: (value: string) => void; placeholder: string };

/** A filter that is applied when the person leaves the field or presses Enter. */
function LazyText({ label, value, onChange, placeholder }: LazyProps) {
  const [text, setText] = useState(value);
  return (
    <TextField
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={setText}
      onBlur={() => onChange(text.trim())}
      onKeyDown={(event) => event.key === "Enter" && onChange(text.trim())}
    />
  );
}

type TableProps = { tasks: Task[]; sources: Source[]; show: (id: number) => void };

function TaskTable({ tasks, sources, show }: TableProps) {
  const nameOf = (id: number) => sources.find((source) => source.id === id)?.name ?? String(id);
  return (
    <Table
      label="Tasks"
      head={
        <>
          <Head>Task</Head>
          <Head>State</Head>
          <Head>Queue</Head>
          <Head num>Attempt</Head>
          <Head>Runs</Head>
          <Head>Source</Head>
        </>
      }
    >
      {tasks.map((task) => (
        <tr key={task.id}>
          <td className="grow">
            <button type="button" className="task-link" onClick={() => show(task.id)}>
              {task.kind} <span className="mono">{task.id}</span>
            </button>
            {task.error && (
              <p className="task-error small">
                <Words text={task.error} />
              </p>
            )}
          </td>
          <td>
            <Badge face={TASK_STATES[task.state]} />
          </td>
          <td>{task.queue}</td>
          <td className="num">{attemptText(task)}</td>
          <td className="nowrap">
            <Time at={task.finished_at ?? task.run_at} />
          </td>
          <td className="task-source">
            {task.source ? <Link to={`/sources/${task.source}`}>{nameOf(task.source)}</Link> : "–"}
          </td>
        </tr>
      ))}
    </Table>
  );
}
