// Who is signed in: read once at start, shared with every page.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { currentPath } from "../router";
import { type ApiError, asApiError, call, get, onSignedOut, rememberSession } from "./client";
import type { Session } from "./types";

interface SessionState {
  session: Session | null;
  error: ApiError | null;
  /** Takes over the session that a sign-in or a link answered. */
  adopt: (session: Session) => void;
  reload: () => void;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  const [error, setError] = useState<ApiError | null>(null);

  const user = useRef<number | null>(null);

  const adopt = useCallback((next: Session) => {
    const before = user.current;
    user.current = next.user?.id ?? null;
    // Somebody else's pages begin anew: nothing that was read for the one before stays in memory.
    if (before !== null && before !== user.current) {
      return next.signed_in ? location.assign("/") : location.reload();
    }
    rememberSession(next);
    setError(null);
    setSession(next);
  }, []);

  const reload = useCallback(() => {
    get<Session>("/session").then(adopt, (failure: unknown) => setError(asApiError(failure)));
  }, [adopt]);

  const signOut = useCallback(async () => {
    await call("DELETE", "/session");
    // A full load: nothing that was read under this session stays in memory.
    location.assign("/sign-in");
  }, []);

  useEffect(() => {
    onSignedOut(() => {
      // A full load, as for signing out: whoever signs in next may be somebody else.
      if (!location.pathname.startsWith("/sign-in")) location.replace(signInPath());
    });
    reload();
    // Meanwhile another page of this browser may have signed out, or somebody else in.
    const lookAgain = () => document.visibilityState === "visible" && reload();
    document.addEventListener("visibilitychange", lookAgain);
    return () => document.removeEventListener("visibilitychange", lookAgain);
  }, [reload]);

  const value = useMemo(
    () => ({ session, error, adopt, reload, signOut }),
    [session, error, adopt, reload, signOut],
  );
  return <Context value={value}>{children}</Context>;
}

export function useSession(): SessionState {
  const state = useContext(Context);
  if (!state) throw new Error("useSession is called outside of SessionProvider");
  return state;
}

/** Whether the person may administer this installation. */
export function useIsAdministrator(): boolean {
  return useSession().session?.user?.role === "administrator";
}

/** The sign-in page, which leads back to where the person is now. */
export function signInPath(): string {
  const here = currentPath();
  return here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`;
}
