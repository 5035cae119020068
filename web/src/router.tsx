// The whole router: the address bar is the state, a link is an anchor.
import { type AnchorHTMLAttributes, type MouseEvent, useCallback, useSyncExternalStore } from "react";

const watchers = new Set<() => void>();

function notify(): void {
  for (const watcher of [...watchers]) watcher();
}

if (typeof window !== "undefined") window.addEventListener("popstate", notify);

let stepsInside = 0;

/** Path and query of the page that is shown. */
export function currentPath(): string {
  return location.pathname + location.search;
}

/** Goes to a page of this application without loading it anew. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === currentPath()) return;
  if (options.replace) history.replaceState(null, "", to);
  else {
    history.pushState(null, "", to);
    stepsInside += 1;
  }
  notify();
}

/** One step back if that stays in this application, otherwise to `fallback`. */
export function goBack(fallback: string): void {
  if (stepsInside > 0) {
    stepsInside -= 1;
    history.back();
  } else navigate(fallback);
}

/** Calls `watcher` after each change of the address bar; answers how to stop. */
export function watchLocation(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
}

/** The path, without the query. */
export function usePath(): string {
  return useSyncExternalStore(watchLocation, () => location.pathname);
}

/** A value of the query string, and how to change it; `null` removes it. */
export function useParam(name: string): [string | null, (value: string | null) => void] {
  const value = useSyncExternalStore(watchLocation, () => new URLSearchParams(location.search).get(name));
  const set = useCallback(
    (next: string | null) => {
      const params = new URLSearchParams(location.search);
      if (next === null || next === "") params.delete(name);
      else params.set(name, next);
      const query = params.toString();
      navigate(location.pathname + (query ? `?${query}` : ""), { replace: true });
    },
    [name],
  );
  return [value, set];
}

/** A click that the browser should handle itself: a new tab, a download, another button. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & { to: string };

export function Link({ to, onClick, children, ...rest }: LinkProps) {
  return (
    <a
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || !isPlainClick(event)) return;
        event.preventDefault();
        navigate(to);
      }}
      {...rest}
    >
      {children}
    </a>
  );
}

/** Matches `/sources/:id` against a path and answers what stands for the names, or `null`. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/+$/, "").split("/");
  if (path === "/") return pattern === "/" ? {} : null;
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    if (part.startsWith(":")) {
      try {
        found[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return found;
}
