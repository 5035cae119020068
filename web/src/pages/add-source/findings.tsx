// What the test and the dry run found, in plain words.
import type { Check, Discovery, Estimate } from "../../api/types";
import { bytes, count, plural } from "../../lib/format";
import { Button, Notice, Time } from "../../ui/basics";
import { Icon, kindIcon } from "../../ui/icon";
import { Head, Table } from "../../ui/table";
import { Sentence } from "../../ui/words";

export function TestResult({ result }: { result: Check }) {
  if (result.ok) {
    // What is remarked can be that no record was found: that is no success.
    const remarks = result.warnings;
    if (remarks.length === 0) return <Notice look="success" role="status" title="It works" />;
    return (
      <Notice look="warning" role="status" title={`It answers, with ${plural(remarks.length, "remark")}`}>
        <RemarkList remarks={remarks} />
        <p>Your turn: see whether this is meant before you add it.</p>
      </Notice>
    );
  }
  return (
    <Notice look="danger" role="alert" title={plural(result.problems.length, "problem")}>
      <ul className="problems">
        {result.problems.map((problem) => (
          <li key={problem.where + problem.what}>
            <p>
              <Sentence text={problem.what} />
            </p>
            {problem.way_out && (
              <p>
                <Sentence text={problem.way_out} />
              </p>
            )}
            {problem.where && <p className="mono quiet-text">{problem.where}</p>}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** What a person should know and nothing stops. */
function Remarks({ remarks }: { remarks: string[] }) {
  if (remarks.length === 0) return null;
  return (
    <Notice look="warning" title={plural(remarks.length, "remark")}>
      <RemarkList remarks={remarks} />
    </Notice>
  );
}

function RemarkList({ remarks }: { remarks: string[] }) {
  return (
    <ul className="problems">
      {remarks.map((remark) => (
        <li key={remark}>
          <Sentence text={remark} />
        </li>
      ))}
    </ul>
  );
}

type DiscoveredProps = {
  discovery: Discovery;
  /** Remarks that the test has made already. */
  known: string[];
  use: (mapping: string) => void;
};

export function Discovered({ discovery, known, use }: DiscoveredProps) {
  return (
    <>
      <Table
        label="Streams"
        head={
          <>
            <Head>Stream</Head>
            <Head>Reads</Head>
            <Head>Key</Head>
          </>
        }
      >
        {discovery.streams.map((stream) => (
          <tr key={stream.name}>
            <td className="grow">{stream.name}</td>
            <td>{stream.incremental ? "changes" : "everything each time"}</td>
            <td className="mono">{[stream.primary_key ?? "none"].flat().join(", ")}</td>
          </tr>
        ))}
      </Table>
      <Samples documents={discovery.documents} />
      <Remarks remarks={discovery.warnings.filter((each) => !known.includes(each))} />
      {discovery.mapping_guess && (
        <details>
          <summary>Guessed mapping of records to documents</summary>
          <pre className="raw">{discovery.mapping_guess}</pre>
          <Button onClick={() => use(discovery.mapping_guess)}>Use as search.yaml and change it</Button>
        </details>
      )}
    </>
  );
}

/** Some documents as a search would show them, made from real records. */
function Samples({ documents }: { documents: Discovery["documents"] }) {
  if (documents.length === 0) return null;
  return (
    <>
      <h3>How records would be found</h3>
      <ul className="samples" aria-label="Sample documents">
        {documents.map((document) => (
          <li key={`${document.stream} ${document.key}`}>
            <Icon name={kindIcon(document.kind)} label={document.kind} />
            <div>
              <p className="sample-title" dir="auto">
                {document.title || <span className="quiet-text">Without a title</span>}
              </p>
              <p className="small quiet-text">
                {[document.stream, document.path, document.people.join(", ")].filter(Boolean).join(" · ")}
                {document.changed_at ? (
                  <>
                    {" · "}
                    <Time at={document.changed_at} />
                  </>
                ) : null}
              </p>
              <p className="small sample-body" dir="auto">
                {document.body || <span className="quiet-text">No text</span>}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Estimated({ estimate }: { estimate: Estimate }) {
  const { items, truncated, by_kind: kinds, sample, problems } = estimate;
  if (items === 0) {
    return (
      <Notice look="warning" role="status" title="Nothing would be taken">
        <p>No file below this folder passes “Only” and “Never”.</p>
      </Notice>
    );
  }
  return (
    <div className="estimate" role="status">
      <p>
        <strong>
          {truncated ? "More than " : ""}
          {plural(items, "file")}
        </strong>
        , {bytes(estimate.bytes)} in all
      </p>
      <ul className="estimate-kinds">
        {kinds.map((kind) => (
          <li key={kind.kind}>
            <Icon name={kindIcon(kind.kind)} />
            <span>{kind.kind}</span>
            <span className="num">{count(kind.items)}</span>
          </li>
        ))}
      </ul>
      <Remarks remarks={problems} />
      {sample.length > 0 && (
        <details>
          <summary>Some of them</summary>
          <ul className="estimate-sample mono">
            {sample.map((path) => (
              <li key={path}>
                <bdi>{path}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
