// All sources that the person may see: state, freshness, size, errors.
import { useLiveSources } from "../../api/live-sources";
import type { Source } from "../../api/types";
import { Link } from "../../router";
import { Shell } from "../../shell";
import { StateActionButton, visibilityText } from "../../source-parts";
import { Empty, ErrorNotice, Num, Progress, Skeleton, Time } from "../../ui/basics";
import { Icon } from "../../ui/icon";
import { type SortKey, useSorted } from "../../ui/sort";
import { SOURCE_STATES, SourceBadge, syncFraction } from "../../ui/state";
import { Sentence } from "../../ui/words";
import "./sources.css";
import { Head, Table } from "../../ui/table";

const URGENCY = ["needs_attention", "waiting", "syncing", "queued", "paused", "synced"];

const SORT: Record<string, SortKey<Source>> = {
  name: (source) => source.name,
  state: (source) => URGENCY.indexOf(source.state),
  records: (source) => source.records,
  failures: (source) => source.failures,
  synced: (source) => source.last_synced_at ?? 0,
};

export default function SourcesPage(_: { params: Record<string, string> }) {
  const { data, error, loading, reload, more, loadMore } = useLiveSources();
  const { sorted, head } = useSorted(data, SORT, "name");
  return (
    <Shell title="Sources">
      <div className="page-head">
        <h1>Sources</h1>
        <Link className="button primary" to="/sources/new">
          <Icon name="plus" /> Add a source
        </Link>
      </div>
      {error && <ErrorNotice error={error} retry={reload} />}
      {loading && <Skeleton rows={6} />}
      {sorted?.length === 0 && (
        <Empty title="No sources yet">
          <p>
            A source is a folder or an API whose content people find here. Yours and those shared with you are
            listed.
          </p>
          <Link className="button primary" to="/sources/new">
            Add the first source
          </Link>
        </Empty>
      )}
      {sorted && sorted.length > 0 && (
        <Table
          label="Sources"
          className="sources-table"
          head={
            <>
              {head("name", "Name")}
              {head("state", "State")}
              {head("records", "Records", "num")}
              {head("failures", "Errors", "num")}
              {head("synced", "Last synced", "wide-only")}
              <Head className="wide-only">Shared with</Head>
            </>
          }
        >
          {sorted.map((source) => (
            <SourceRow key={source.id} source={source} reload={reload} />
          ))}
        </Table>
      )}
      {more && (
        <div className="list-end">
          <button type="button" className="button" onClick={loadMore}>
            Show more
          </button>
        </div>
      )}
    </Shell>
  );
}

function SourceRow({ source, reload }: { source: Source; reload: () => void }) {
  const path = `/sources/${source.id}`;
  return (
    <tr>
      <td className="grow">
        <Link to={path} className="source-name">
          <bdi>{source.name}</bdi>
        </Link>
        <div className="quiet-text small">
          {source.connector} · <bdi>{source.owner.name}</bdi>
        </div>
      </td>
      <td className="source-state">
        <SourceBadge source={source} />
        {source.state === "syncing" && source.current_sync && (
          <Progress
            value={syncFraction(source.current_sync)}
            label={`${SOURCE_STATES.syncing.word} ${source.name}`}
          />
        )}
        {source.state === "needs_attention" && source.state_detail && (
          <div className="source-detail small">
            <p>
              <Sentence text={source.state_detail.what} />
            </p>
            {source.state_detail.action === "confirm_sweep" ? (
              <Link className="button" to={path}>
                Decide
              </Link>
            ) : (
              <StateActionButton source={source} done={reload} />
            )}
          </div>
        )}
      </td>
      <td className="num">
        <Num n={source.records} />
      </td>
      <td className="num">
        {source.failures > 0 ? (
          <Link to={`${path}?tab=errors`} className="state danger">
            <Num n={source.failures} />
          </Link>
        ) : (
          <Num n={0} />
        )}
      </td>
      <td className="wide-only nowrap">
        <Time at={source.last_synced_at} />
      </td>
      <td className="wide-only nowrap">{visibilityText(source.visibility)}</td>
    </tr>
  );
}
