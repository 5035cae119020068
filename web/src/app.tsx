// Which page is shown: the session first, then one line per route.
import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect } from "react";
import { SessionProvider, signInPath, useSession } from "./api/session";
import { Frame } from "./frame/frame";
import { SearchPage } from "./pages/search/search-page";
import { Link, matchPath, navigate, usePath } from "./router";
import { Shell } from "./shell";
import { Button, ErrorNotice, Notice, Skeleton } from "./ui/basics";
import { Messages } from "./ui/overlay";

type Params = Record<string, string>;
type RoutePage = ComponentType<{ params: Params }>;

/** Pages come in pieces of their own; the usual ones are fetched ahead once the first page stands. */
const pieces = {
  view: () => import("./pages/view/view-page"),
  sources: () => import("./pages/sources/sources-page"),
  source: () => import("./pages/source/source-page"),
  tasks: () => import("./pages/tasks/tasks-page"),
  people: () => import("./pages/people/people-page"),
  keys: () => import("./pages/keys/keys-page"),
};

const SignIn = lazy(() => import("./pages/sign-in/sign-in-page"));
const LinkPage = lazy(() => import("./pages/link/link-page"));

/** Pages that need no session. */
const DOORS: [string, RoutePage][] = [
  ["/sign-in", SignIn],
  ["/setup/:token", LinkPage],
  ["/invite/:token", LinkPage],
  ["/reset/:token", LinkPage],
];

const ROUTES: [string, RoutePage][] = [
  ["/", SearchPage],
  ["/view/:id", lazy(pieces.view)],
  ["/sources", lazy(pieces.sources)],
  ["/sources/new", lazy(() => import("./pages/add-source/add-source-page"))],
  ["/sources/:id", lazy(pieces.source)],
  ["/tasks", lazy(pieces.tasks)],
  ["/people", lazy(pieces.people)],
  ["/keys", lazy(pieces.keys)],
];

const FETCH_AHEAD_MS = 1500;

function find(routes: [string, RoutePage][], path: string): ReactNode {
  for (const [pattern, Page] of routes) {
    const params = matchPath(pattern, path);
    if (params) return <Page key={path} params={params} />;
  }
  return null;
}

function Pages() {
  const path = usePath();
  const { session, error, reload } = useSession();
  const door = find(DOORS, path);
  const barred = session !== null && !session.signed_in && door === null;
  useEffect(() => {
    if (barred) navigate(signInPath(), { replace: true });
  }, [barred]);

  const standing = session?.signed_in === true;
  useEffect(() => {
    if (!standing) return;
    const timer = setTimeout(() => {
      for (const load of Object.values(pieces)) load().catch(() => undefined);
    }, FETCH_AHEAD_MS);
    return () => clearTimeout(timer);
  }, [standing]);

  if (door !== null) return <Suspense fallback={null}>{door}</Suspense>;
  if (error && !session) {
    return (
      <main className="door">
        <ErrorNotice error={error} retry={reload} />
      </main>
    );
  }
  if (!session || barred) return null;
  return (
    <Frame>
      <Suspense fallback={<PageFallback />}>{find(ROUTES, path) ?? <NotFound />}</Suspense>
    </Frame>
  );
}

function NotFound() {
  return (
    <Shell title="No such page">
      <h1>There is no page at this address</h1>
      <p>
        The link may be old. <Link to="/">Go to the search</Link> or to the <Link to="/sources">sources</Link>
        .
      </p>
    </Shell>
  );
}

export function App() {
  return (
    <SessionProvider>
      <Catch>
        <Pages />
      </Catch>
      <Messages />
    </SessionProvider>
  );
}

/** A page that breaks, or whose code can't be fetched after an update, says so instead of leaving nothing. */
class Catch extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="door">
        <Notice
          look="danger"
          role="alert"
          title="This page broke"
          raw={error instanceof Error ? (error.stack ?? error.message) : String(error)}
          action={<Button onClick={() => location.reload()}>Load it again</Button>}
        >
          <p>Your turn: load it again. After an update of the server that is all there is to do.</p>
        </Notice>
      </main>
    );
  }
}

function PageFallback() {
  return (
    <Shell title="Fossick">
      <Skeleton rows={6} />
    </Shell>
  );
}
