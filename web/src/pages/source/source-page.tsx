// One source: its state as it changes, streams, errors by reason, history, log and settings.
import { lazy, Suspense, useCallback } from "react";
import { useEvents } from "../../api/events";
import { type Resource, useList, useResource } from "../../api/resource";
import type { Page, Source, Stream, Sync } from "../../api/types";
import { useEvery } from "../../lib/every";
import { count } from "../../lib/format";
import { LogView } from "../../log/log-view";
import { Link, useParam } from "../../router";
import { Shell } from "../../shell";
import { Empty, ErrorNotice, Skeleton } from "../../ui/basics";
import { ErrorsTab } from "./errors-tab";
import { SourceHead } from "./head";
import { HistoryTab } from "./history-tab";
import { StreamsTab } from "./streams-tab";
import "./source.css";

/** Comes with the reader of YAML, which the other parts can do without. */
const SettingsTab = lazy(() => import("./settings-tab"));

const TABS = ["streams", "errors", "history", "log", "settings"] as const;
type Tab = (typeof TABS)[number];

export default function SourcePage({ params }: { params: Record<string, string> }) {
  const id = Number(params.id);
  const source = useResource<Source>(`/sources/${encodeURIComponent(params.id ?? "")}`);
  const streams = useResource<Page<Stream>>(`/sources/${encodeURIComponent(params.id ?? "")}/streams`);
  const syncs = useList<Sync>(`/sources/${encodeURIComponent(params.id ?? "")}/syncs?limit=20`);
  const [param] = useParam("tab");
  const tab = TABS.find((each) => each === param) ?? "streams";
  useLiveSource(id, source, syncs.reload, streams.reload);

  const { data } = source;
  if (!data) {
    return (
      <Shell title="Source">
        <h1>Source</h1>
        {source.error ? <SourceMissing source={source} /> : <Skeleton rows={5} />}
      </Shell>
    );
  }
  return (
    <Shell title={data.name}>
      <SourceHead source={data} reload={source.reload} set={source.set} />
      {source.error && <ErrorNotice error={source.error} retry={source.reload} />}
      <Tabs source={data} tab={tab} />
      {tab === "streams" && <StreamsTab source={data} streams={streams} />}
      {tab === "errors" && <ErrorsTab source={data} />}
      {tab === "history" && <HistoryTab syncs={syncs} />}
      {tab === "log" && (
        <LogView path={`/sources/${data.id}/log`} belongs={(line) => line.source === data.id} withTasks />
      )}
      {tab === "settings" && (
        <Suspense fallback={<Skeleton rows={6} />}>
          <SettingsTab key={data.id} source={data} set={source.set} />
        </Suspense>
      )}
    </Shell>
  );
}

function SourceMissing({ source }: { source: Resource<Source> }) {
  if (source.error?.status !== 404 && source.error) {
    return <ErrorNotice error={source.error} retry={source.reload} />;
  }
  return (
    <Empty title="There is no such source, or it is not shared with you">
      <p>
        It may have been deleted. <Link to="/sources">All your sources</Link>
      </p>
    </Empty>
  );
}

function Tabs({ source, tab }: { source: Source; tab: Tab }) {
  const words: Record<Tab, string> = {
    streams: "Streams",
    errors: source.failures > 0 ? `Errors (${count(source.failures)})` : "Errors",
    history: "History",
    log: "Log",
    settings: "Settings",
  };
  return (
    <nav className="tabs" aria-label="Parts of this source">
      {TABS.filter((each) => each !== "settings" || source.may_manage).map((each) => (
        <Link
          key={each}
          to={`/sources/${source.id}${each === "streams" ? "" : `?tab=${each}`}`}
          aria-current={each === tab ? "page" : undefined}
        >
          {words[each]}
        </Link>
      ))}
    </nav>
  );
}

/** Keeps the page current: progress from each event, everything else read again when something ended. */
function useLiveSource(
  id: number,
  source: Resource<Source>,
  reloadSyncs: () => void,
  reloadStreams: () => void,
): void {
  const { data, set, reload } = source;
  // Events tell most of it; now and then everything is read again, should one have been lost on its way.
  useEvery(data && ["syncing", "queued", "waiting"].includes(data.state) ? 10_000 : null, () => {
    reload();
    reloadStreams();
  });
  useEvents(
    useCallback(
      (event) => {
        if (event.type === "sync" && event.data.source === id && data) {
          set({ ...data, current_sync: event.data });
          if (event.data.finished_at || data.current_sync?.id !== event.data.id) {
            reload();
            reloadSyncs();
            reloadStreams();
          }
        } else if ((event.type === "source" && event.data.id === id) || event.type === "resumed") {
          reload();
          reloadStreams();
        }
      },
      [id, data, set, reload, reloadSyncs, reloadStreams],
    ),
  );
}
