// The sources that the person may see, kept current by events.
import { useCallback } from "react";
import { useEvery } from "../lib/every";
import { useEvents } from "./events";
import { useList } from "./resource";
import type { Source } from "./types";

const UNDER_WAY = ["syncing", "queued", "waiting"];
const RELOAD_MS = 15_000;

export function useLiveSources() {
  const list = useList<Source>("/sources?limit=200");
  const { data, set, reload } = list;
  // Events tell most of it; now and then everything is read again, should one have been lost on its way.
  const busy = data?.some((source) => UNDER_WAY.includes(source.state)) ?? false;
  useEvery(busy ? RELOAD_MS : null, reload);
  useEvents(
    useCallback(
      (event) => {
        if (event.type === "resumed") reload();
        if (!data) return;
        if (event.type === "source") {
          const known = data.find((source) => source.id === event.data.id);
          if (!known) reload();
          else if (known.state !== event.data.state) {
            set(data.map((each) => (each.id === known.id ? { ...each, state: event.data.state } : each)));
            reload();
          }
        }
        if (event.type === "sync") {
          const sync = event.data;
          if (sync.finished_at) reload();
          else set(data.map((each) => (each.id === sync.source ? { ...each, current_sync: sync } : each)));
        }
      },
      [data, set, reload],
    ),
  );
  return list;
}
