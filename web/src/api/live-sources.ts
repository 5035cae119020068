// The sources that the person may see, kept current by events.
import { useCallback } from "react";
import { useEvents } from "./events";
import { useList } from "./resource";
import type { Source } from "./types";

export function useLiveSources() {
  const list = useList<Source>("/sources?limit=200");
  const { data, set, reload } = list;
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
