// The commands of this person, now: their pages, their sources, and what can be done.
import { useMemo } from "react";
import { post } from "../api/client";
import { useAll } from "../api/resource";
import { useIsAdministrator, useSession } from "../api/session";
import type { Source } from "../api/types";
import { usePages } from "../frame/top-bar";
import { plural } from "../lib/format";
import { navigate } from "../router";
import type { IconName } from "../ui/icon";
import { attempt, say } from "../ui/overlay";
import { SOURCE_STATES } from "../ui/state";
import { setTheme } from "../ui/theme";
import { THEMES } from "../ui/theme-menu";
import type { Command } from "./commands";

const PAGE_FACES: Record<string, { icon: IconName; also: string }> = {
  "/": { icon: "search", also: "home find hits" },
  "/sources": { icon: "archive", also: "connectors folders drives" },
  "/tasks": { icon: "sync", also: "queues workers background log" },
  "/people": { icon: "user", also: "users accounts members invite" },
  "/keys": { icon: "data", also: "tokens credentials" },
};

const go = (path: string) => () => navigate(path);

export function useCommands(showKeys: () => void): Command[] {
  const pages = usePages();
  const administrator = useIsAdministrator();
  const { signOut } = useSession();
  const { data: sources } = useAll<Source>("/sources?limit=200");
  return useMemo(
    () => [
      ...pages.map(([path, label]): Command => {
        const face = PAGE_FACES[path];
        return {
          id: path,
          group: "Pages",
          label,
          also: face?.also,
          icon: face?.icon ?? "file",
          run: go(path),
        };
      }),
      ...(sources ?? []).flatMap(sourceCommands),
      ...actions(administrator, showKeys, signOut),
    ],
    [pages, sources, administrator, showKeys, signOut],
  );
}

function sourceCommands(source: Source): Command[] {
  const path = `/sources/${source.id}`;
  const own = (id: string, label: string, icon: IconName, run: () => void): Command => ({
    id: `${path} ${id}`,
    group: "Actions",
    label,
    icon,
    onRequest: true,
    run,
  });
  const commands: Command[] = [
    {
      id: path,
      group: "Sources",
      label: source.name,
      also: `source ${source.connector} ${source.owner.name}`,
      detail: SOURCE_STATES[source.state]?.word,
      icon: source.connector === "folder" ? "archive" : "web",
      run: go(path),
    },
  ];
  if (source.failures > 0) {
    const errors = own("errors", `Errors of ${source.name}`, "alert", go(`${path}?tab=errors`));
    commands.push({ ...errors, detail: plural(source.failures, "item") });
  }
  if (!source.may_manage) return commands;
  const toggle = source.paused ? "resume" : "pause";
  commands.push(
    own(
      "sync",
      `Sync ${source.name}`,
      "sync",
      ask(`${path}/sync`, `Sync of ${source.name} is queued`, { mode: "incremental" }),
    ),
    own(
      toggle,
      `${source.paused ? "Resume" : "Pause"} ${source.name}`,
      source.paused ? "play" : "pause",
      ask(`${path}/${toggle}`, `${source.name} ${source.paused ? "goes on" : "is paused"}`),
    ),
    own("settings", `Settings of ${source.name}`, "text", go(`${path}?tab=settings`)),
  );
  return commands;
}

const ask = (path: string, done: string, body?: unknown) => () => {
  attempt(() => post(path, body), done);
};

function actions(administrator: boolean, showKeys: () => void, signOut: () => Promise<void>): Command[] {
  const action = (label: string, icon: IconName, also: string, run: () => void): Command => ({
    id: label,
    group: "Actions",
    label,
    also,
    icon,
    run,
  });
  return [
    action("Add a source", "plus", "new connect folder api", go("/sources/new")),
    ...(administrator ? [action("Groups", "user", "people teams members", go("/people?tab=groups"))] : []),
    ...THEMES.map(({ theme, word, icon }) =>
      action(
        theme === "system" ? "Theme as the system" : `${word} theme`,
        icon,
        "appearance colours mode",
        () => setTheme(theme),
      ),
    ),
    action("Keys of this page", "help", "keyboard shortcuts help", showKeys),
    action("API documentation", "open", "docs openapi swagger", () => location.assign("/docs")),
    action("Sign out", "close", "log out leave", () => {
      signOut().catch(() => say("Signing out did not work; try again", "failed"));
    }),
  ];
}
