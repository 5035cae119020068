// Tasks and queues: what waits, runs, is tried again or was given up, and the switches.
import { useCallback, useRef, useState } from "react";
import { useEvents } from "../../api/events";
import { useAll, useList, useResource } from "../../api/resource";
import { useIsAdministrator } from "../../api/session";
import type { Source, Status, Task, TaskState } from "../../api/types";
import { useEvery } from "../../lib/every";
import { Link, useParam } from "../../router";
import { Shell } from "../../shell";
import { Empty, ErrorNotice, Skeleton, Time } from "../../ui/basics";
import { SelectField, TextField } from "../../ui/form";
import { Listed } from "../../ui/listed";
import { Badge, TASK_STATES } from "../../ui/state";
import { Words } from "../../ui/words";
import { attemptText } from "./attempts";
import { Figures } from "./figures";
import { QueueTable } from "./queues";
import { TaskDialog } from "./task-dialog";
import { WorkerTable } from "./workers";
import "./tasks.css";
import { Head, Table } from "../../ui/table";

const RELOAD_MS = 15_000;
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
  const sources = useAll<Source>("/sources?limit=200");
  const status = useResource<Status>("/status");
  const queues = status.data?.queues ?? [];
  const reloadSoon = useSoon(
    useCallback(() => {
      tasks.reload();
      status.reload();
    }, [tasks.reload, status.reload]),
  );
  // Events tell most of it; now and then everything is read again, should one have been lost on its way.
  useEvery(RELOAD_MS, reloadSoon);
  useEvents((event) => {
    if (["task", "queues", "sync", "resumed"].includes(event.type)) reloadSoon();
  });
  const filtered = FILTERS.some((name) => values[name]);

  return (
    <Shell title="Tasks">
      <h1>Tasks and queues</h1>
      {status.error && <ErrorNotice error={status.error} retry={status.reload} />}
      <Figures status={status.data} />
      <section className="section">
        <h2>Queues</h2>
        {status.data && <QueueTable queues={queues} changed={status.reload} />}
        {status.loading && <Skeleton rows={5} />}
        {status.error && !status.data && <p className="quiet-text">Not known until the server answers.</p>}
      </section>
      {status.data && (
        <section className="section">
          <h2>Workers</h2>
          <WorkerTable workers={status.data.workers} />
        </section>
      )}
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
              ...queues.map((each) => ({ value: each.name, label: each.name })),
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
        <Listed
          list={tasks}
          rows={6}
          empty={
            <Empty title={filtered ? "No task passes these filters" : "No tasks"}>
              <p>Syncs put their work here: fetching, parsing, uploading. Finished tasks stay for a while.</p>
            </Empty>
          }
        >
          {(items) => (
            <TaskTable tasks={items} sources={sources.data ?? []} show={(id) => setShown(String(id))} />
          )}
        </Listed>
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
          <Head className="wide-only">Queue</Head>
          <Head num className="not-on-phones">
            Attempt
          </Head>
          <Head>Runs</Head>
          <Head className="not-on-phones">Source</Head>
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
          <td className="wide-only">{task.queue}</td>
          <td className="num not-on-phones">{attemptText(task)}</td>
          <td className="nowrap">
            <Time at={task.finished_at ?? task.run_at} />
          </td>
          <td className="task-source not-on-phones">
            {task.source ? <Link to={`/sources/${task.source}`}>{nameOf(task.source)}</Link> : "–"}
          </td>
        </tr>
      ))}
    </Table>
  );
}
