// What could not be taken, grouped by reason: retry one, all of a reason, or everything.
import { useEffect, useRef, useState } from "react";
import { post } from "../../api/client";
import { useList, useResource } from "../../api/resource";
import type { FailureGroup, FailureItem, Source } from "../../api/types";
import { plural } from "../../lib/format";
import { Link } from "../../router";
import { Button, Empty, ErrorNotice, Skeleton, Time } from "../../ui/basics";
import { useAction } from "../../ui/form";
import { attempt, copyAndSay } from "../../ui/overlay";
import { ListEnd } from "../../ui/sort";
import { Words } from "../../ui/words";

type Retry = { ids?: number[]; reason?: string; all?: true };

export function ErrorsTab({ source }: { source: Source }) {
  const path = `/sources/${source.id}/failures`;
  const { data, error, loading, reload } = useResource<{ groups: FailureGroup[] }>(path);
  const { busy, run } = useAction();
  // Another count, or another sync, and the list is another one.
  const known = `${source.failures} ${source.last_sync?.id}`;
  const shown = useRef(known);
  useEffect(() => {
    if (shown.current !== known) reload();
    shown.current = known;
  }, [known, reload]);
  const retry = (what: Retry, count: number) =>
    run(async () => {
      if (await attempt(() => post(`${path}/retry`, what), `Trying ${plural(count, "item")} again`)) reload();
    });
  if (error) return <ErrorNotice error={error} retry={reload} />;
  if (loading || !data) return <Skeleton rows={3} />;
  const total = data.groups.reduce((sum, group) => sum + group.count, 0);
  if (total === 0) {
    return (
      <Empty title="No errors">
        <p>What can't be read or understood is listed here by reason, with a way to try it again.</p>
      </Empty>
    );
  }
  return (
    <section className="section">
      <div className="section-head">
        <p>
          {plural(data.groups.length, "reason")}, {plural(total, "item")}
        </p>
        {source.may_manage && (
          <Button icon="sync" busy={busy} onClick={() => retry({ all: true }, total)}>
            Retry all
          </Button>
        )}
      </div>
      {data.groups.map((group) => (
        <ReasonGroup
          key={`${group.stage}:${group.reason}`}
          path={path}
          group={group}
          mayManage={source.may_manage}
          retry={retry}
          busy={busy}
        />
      ))}
    </section>
  );
}

type GroupProps = {
  path: string;
  group: FailureGroup;
  mayManage: boolean;
  retry: (what: Retry, count: number) => void;
  busy: boolean;
};

const STAGES = { fetch: "while fetching", parse: "while parsing", upload: "while uploading" } as const;

function ReasonGroup({ path, group, mayManage, retry, busy }: GroupProps) {
  const [open, setOpen] = useState(false);
  return (
    <article className="reason">
      <header className="section-head">
        <div className="reason-text">
          <h2>
            <Words text={group.reason.charAt(0).toLocaleUpperCase() + group.reason.slice(1)} />
          </h2>
          <p className="quiet-text small">
            {plural(group.count, "item")} {STAGES[group.stage] ?? group.stage}
            {group.example && (
              <>
                . For example: <Words text={group.example} />
              </>
            )}
          </p>
        </div>
        <div className="form-buttons">
          {mayManage && (
            <Button busy={busy} onClick={() => retry({ reason: group.reason }, group.count)}>
              Retry {group.count === 1 ? "this one" : `these ${group.count}`}
            </Button>
          )}
          <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide" : "Show"}
          </Button>
        </div>
      </header>
      {open && <Items path={path} group={group} mayManage={mayManage} retry={retry} />}
    </article>
  );
}

function Items({ path, group, mayManage, retry }: Omit<GroupProps, "busy">) {
  const items = useList<FailureItem>(`${path}?reason=${encodeURIComponent(group.reason)}`);
  const { reload } = items;
  // The groups were read again: what is listed below them is, too.
  const listed = useRef(group);
  useEffect(() => {
    if (listed.current !== group) reload();
    listed.current = group;
  }, [group, reload]);
  if (items.error) return <ErrorNotice error={items.error} retry={items.reload} />;
  if (!items.data) return <Skeleton rows={Math.min(group.count, 4)} />;
  return (
    <>
      <ul className="failures">
        {items.data.map((item) => (
          <li key={item.id}>
            <details>
              <summary>
                <bdi>{item.record_key ?? (item.page ? `page ${item.page}` : `item ${item.id}`)}</bdi>{" "}
                <span className="quiet-text small">
                  <Time at={item.at} />
                </span>
              </summary>
              <pre className="raw">
                <Words text={item.detail || item.reason} />
              </pre>
              <div className="form-buttons">
                {mayManage && <Button onClick={() => retry({ ids: [item.id] }, 1)}>Retry this one</Button>}
                <Button
                  look="quiet"
                  icon="copy"
                  onClick={() => copyAndSay(item.detail || item.reason, "detail")}
                >
                  Copy
                </Button>
                {item.record ? <Link to={`/view/${item.record}`}>What is kept of it</Link> : null}
                <Link to={`${location.pathname}?tab=log`}>Log</Link>
              </div>
            </details>
          </li>
        ))}
      </ul>
      <ListEnd
        more={items.more}
        loading={items.loadingMore}
        load={items.loadMore}
        shown={items.data.length}
      />
    </>
  );
}
