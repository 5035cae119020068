// The head of a source: name, state, how far, whose turn it is, and the buttons.
import { post } from "../../api/client";
import type { Source, Sync } from "../../api/types";
import { clockTime, count, duration, plural } from "../../lib/format";
import { StateActionButton, scheduleText, visibilityText } from "../../source-parts";
import { Button, Notice, Progress, Time, useNow } from "../../ui/basics";
import { useAction } from "../../ui/form";
import { attempt, Menu, MenuItem } from "../../ui/overlay";
import { SourceBadge, syncFraction } from "../../ui/state";
import { Sentence, sentence } from "../../ui/words";

type HeadProps = { source: Source; reload: () => void; set: (source: Source) => void };

export function SourceHead({ source, reload, set }: HeadProps) {
  return (
    <header className="source-head">
      <div className="page-head">
        <h1>
          <bdi>{source.name}</bdi>
        </h1>
        {source.may_manage && <SourceButtons source={source} reload={reload} set={set} />}
      </div>
      <p className="source-line">
        <SourceBadge source={source} />
        <span>{count(source.records)} records</span>
        <span>
          last synced <Time at={source.last_synced_at} />
        </span>
        <span>{scheduleText(source.schedule)}</span>
        <span>{visibilityText(source.visibility)}</span>
        <span>
          owned by <bdi>{source.owner.name}</bdi>
        </span>
      </p>
      {source.current_sync && isGoing(source.current_sync) && (
        <SyncProgress sync={source.current_sync} name={source.name} waits={source.state === "waiting"} />
      )}
      {source.may_see === false && (
        <Notice title="You manage this source, but it is not shared with you">
          <p>Its content, errors and messages stay hidden from you.</p>
        </Notice>
      )}
      {source.state_detail && <StateNotice source={source} reload={reload} />}
    </header>
  );
}

function StateNotice({ source, reload }: { source: Source; reload: () => void }) {
  const detail = source.state_detail;
  const now = useNow();
  if (!detail) return null;
  const title =
    source.state === "waiting" && detail.until
      ? `waiting until ${clockTime(detail.until, now)}${whatFor(detail.what)}`
      : detail.what;
  return (
    <Notice
      look={source.state === "needs_attention" ? "danger" : source.state === "waiting" ? "warning" : "info"}
      title={<Sentence text={title} />}
      action={<StateActionButton source={source} done={reload} />}
    >
      {detail.whose_turn && <p>{sentence(detail.whose_turn)}</p>}
    </Notice>
  );
}

/** `waiting for the limit of …` as the rest of a sentence that begins with the time. */
function whatFor(what: string): string {
  return what.startsWith("waiting for ") ? what.slice("waiting".length) : `: ${what}`;
}

const isGoing = (sync: Sync): boolean => !sync.finished_at && sync.state !== "needs_confirmation";

/** `62 % · 4,210 of about 6,800 · 85/s · 31 s left`. */
function SyncProgress({ sync, name, waits }: { sync: Sync; name: string; waits: boolean }) {
  const fraction = syncFraction(sync);
  const facts = [
    fraction === null ? null : `${Math.floor(fraction * 100)} %`,
    sync.expected
      ? `${count(sync.records_seen)} of about ${count(sync.expected)}`
      : `${count(sync.records_seen)} records seen`,
    `${count(sync.records_changed)} changed`,
    `${plural(sync.pages, "page")}${sync.pages_open > 0 ? `, ${count(sync.pages_open)} to land` : ""}`,
    sync.rate_per_s && !waits ? `${count(Math.round(sync.rate_per_s))}/s` : null,
    sync.eta_ms && !waits ? `${duration(Math.max(1000, sync.eta_ms))} left` : null,
  ].filter(Boolean);
  return (
    <div className="sync-progress">
      <Progress value={sync.state === "running" ? fraction : null} label={`Sync of ${name}`} />
      <p className="small num sync-facts">{facts.join(" · ")}</p>
    </div>
  );
}

function SourceButtons({ source, reload, set }: HeadProps) {
  const { busy, run } = useAction();
  const running = source.current_sync && !source.current_sync.finished_at ? source.current_sync : null;
  const go = (work: () => Promise<unknown>, done: string) =>
    run(async () => {
      if (await attempt(work, done)) reload();
    });
  const path = `/sources/${source.id}`;
  return (
    <div className="form-buttons">
      {running && (
        <Button
          icon="close"
          busy={busy}
          onClick={() => go(() => post(`/syncs/${running.id}/cancel`), "Sync cancelled")}
        >
          {running.state === "needs_confirmation" ? "Keep what is gone" : "Cancel sync"}
        </Button>
      )}
      {source.paused ? (
        <Button
          icon="play"
          busy={busy}
          onClick={() => go(async () => set(await post<Source>(`${path}/resume`)), "Resumed")}
        >
          Resume
        </Button>
      ) : (
        <Button
          icon="pause"
          busy={busy}
          onClick={() => go(async () => set(await post<Source>(`${path}/pause`)), "Paused")}
        >
          Pause
        </Button>
      )}
      <Menu label="Sync now" icon="sync">
        {(close) => {
          const choose = (work: () => Promise<unknown>, done: string) => () => {
            close();
            go(work, done);
          };
          return (
            <>
              <MenuItem
                onSelect={choose(() => post(`${path}/sync`, { mode: "incremental" }), "Sync is queued")}
              >
                What changed
              </MenuItem>
              <MenuItem
                onSelect={choose(() => post(`${path}/sync`, { mode: "full" }), "Full sync is queued")}
              >
                Everything, then remove what is gone
              </MenuItem>
              <hr />
              <MenuItem onSelect={choose(() => post(`${path}/replay`, { what: "parse" }), "Parsing again")}>
                Parse again, without fetching
              </MenuItem>
              <MenuItem
                onSelect={choose(() => post(`${path}/replay`, { what: "upload" }), "Uploading again")}
              >
                Upload again to the index
              </MenuItem>
            </>
          );
        }}
      </Menu>
    </div>
  );
}
