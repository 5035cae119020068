// Adding a source: what it is, where it is, a look at what would come, then who may find it and when it syncs.
import { useResource } from "../../api/resource";
import type { ConnectorInfo, Page } from "../../api/types";
import { Link, useParam } from "../../router";
import { Shell } from "../../shell";
import { ErrorNotice, Skeleton } from "../../ui/basics";
import { Icon } from "../../ui/icon";
import { SourceDraftForm } from "./draft-form";
import "./add-source.css";

export default function AddSourcePage(_: { params: Record<string, string> }) {
  const { data, error, loading, reload } = useResource<Page<ConnectorInfo>>("/connectors");
  const [chosen] = useParam("connector");
  const connector = data?.items.find((each) => each.name === chosen);
  return (
    <Shell key={connector?.name} title="Add a source">
      <div className="page-head">
        <h1>{connector ? `Add: ${connector.title}` : "Add a source"}</h1>
        {connector && <Link to="/sources/new">Choose something else</Link>}
      </div>
      {error && <ErrorNotice error={error} retry={reload} />}
      {loading && <Skeleton rows={3} />}
      {data && !connector && <ConnectorChoice connectors={data.items} />}
      {connector && <SourceDraftForm key={connector.name} connector={connector} />}
    </Shell>
  );
}

function ConnectorChoice({ connectors }: { connectors: ConnectorInfo[] }) {
  return (
    <section className="section">
      <p>What shall be found here?</p>
      <ul className="connectors">
        {connectors.map((each) => (
          <li key={each.name}>
            <Link to={`/sources/new?connector=${encodeURIComponent(each.name)}`} className="connector">
              <Icon name={each.name === "folder" ? "archive" : "web"} />
              <span>
                <strong>{each.title}</strong>
                <span className="hint">{each.description}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
