// States: a closed set of words, each with one colour and one icon, the same everywhere.
import type { Source, SourceState, Sync, TaskState } from "../api/types";
import { clockTime } from "../lib/format";
import { useNow } from "./basics";
import { Icon, type IconName } from "./icon";

type Look = "success" | "info" | "warning" | "danger" | "neutral";
type Face = { word: string; icon: IconName; look: Look };

export const SOURCE_STATES: Record<SourceState, Face> = {
  synced: { word: "Synced", icon: "check", look: "success" },
  syncing: { word: "Syncing", icon: "sync", look: "info" },
  waiting: { word: "Waiting", icon: "clock", look: "warning" },
  needs_attention: { word: "Needs attention", icon: "alert", look: "danger" },
  paused: { word: "Paused", icon: "pause", look: "neutral" },
  queued: { word: "Queued", icon: "dots", look: "neutral" },
};

export const TASK_STATES: Record<TaskState, Face> = {
  scheduled: { word: "Scheduled", icon: "clock", look: "neutral" },
  available: { word: "Available", icon: "dots", look: "neutral" },
  running: { word: "Running", icon: "sync", look: "info" },
  retryable: { word: "Retryable", icon: "clock", look: "warning" },
  pending: { word: "Pending", icon: "pause", look: "neutral" },
  completed: { word: "Completed", icon: "check", look: "success" },
  discarded: { word: "Discarded", icon: "alert", look: "danger" },
  cancelled: { word: "Cancelled", icon: "close", look: "neutral" },
};

export const SYNC_STATES: Record<Sync["state"], Face> = {
  running: { word: "Running", icon: "sync", look: "info" },
  sweeping: { word: "Sweeping", icon: "sync", look: "info" },
  needs_confirmation: { word: "Needs confirmation", icon: "alert", look: "danger" },
  completed: { word: "Completed", icon: "check", look: "success" },
  failed: { word: "Failed", icon: "alert", look: "danger" },
  cancelled: { word: "Cancelled", icon: "close", look: "neutral" },
};

const UNKNOWN: Face = { word: "Unknown", icon: "help", look: "neutral" };

export function Badge({ face, suffix, hint }: { face: Face | undefined; suffix?: string; hint?: string }) {
  const { word, icon, look } = face ?? UNKNOWN;
  return (
    <span className={`state ${look}`} title={hint}>
      <Icon name={icon} />
      <span>
        {word}
        {suffix ? ` ${suffix}` : ""}
      </span>
    </span>
  );
}

/** A source's state; a wait says until when. */
export function SourceBadge({ source }: { source: Pick<Source, "state" | "state_detail"> }) {
  const now = useNow();
  const until = source.state === "waiting" ? source.state_detail?.until : null;
  return (
    <Badge
      face={SOURCE_STATES[source.state]}
      suffix={until ? `until ${clockTime(until, now)}` : undefined}
      hint={source.state_detail?.what}
    />
  );
}

/** How far a sync has come, 0 to 1; `null` while nobody knows how much there is. */
export function syncFraction(sync: Sync): number | null {
  if (!sync.expected || sync.expected <= 0) return null;
  return Math.min(1, sync.records_seen / sync.expected);
}
