// One document on a page of its own: our viewer, with its path to copy and its download.
import { useState } from "react";
import { useResource } from "../../api/resource";
import type { RecordData, Source } from "../../api/types";
import { AccessDialog } from "../../preview/access-dialog";
import { MarkedText } from "../../preview/marked-text";
import { PreviewFacts } from "../../preview/preview-pane";
import { usePreview } from "../../preview/use-preview";
import { goBack, useParam } from "../../router";
import { Shell } from "../../shell";
import { Button, ErrorNotice, Skeleton } from "../../ui/basics";
import { Icon, kindIcon } from "../../ui/icon";
import { commandKey, type KeyHelp, useKeys } from "../../ui/keys";
import { copyAndSay, Dialog } from "../../ui/overlay";
import { providerUrl, shareLink } from "../search/hit";
import "./view.css";

const KEYS: KeyHelp[] = [
  { keys: ["Esc"], what: "Back to the hits" },
  { keys: [commandKey("C")], what: "Copy the link, when no text is selected" },
];

export default function ViewPage({ params }: { params: Record<string, string> }) {
  const id = params.id ?? "";
  const [q] = useParam("q");
  const query = q ?? "";
  const { preview, error, reload } = usePreview(id, query);
  const [panel, setPanel] = useState<"access" | "record" | null>(null);
  const hitsPath = query ? `/?q=${encodeURIComponent(query)}` : "/";
  const link = shareLink(id, preview?.url);

  useKeys((event) => {
    if (event.key === "Escape" && !document.querySelector("[popover]:popover-open")) goBack(hitsPath);
    const copying = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "c";
    if (copying && preview && !window.getSelection()?.toString()) {
      event.preventDefault();
      copyAndSay(link, "link");
    }
  });

  const outside = providerUrl(preview?.url);
  return (
    <Shell title={preview?.title ?? "Document"} keys={KEYS} bare>
      <article className="viewer preview">
        <header>
          <Button look="quiet" icon="back" className="viewer-back" onClick={() => goBack(hitsPath)}>
            Back
          </Button>
          {preview && (
            <>
              <div className="viewer-title">
                <Icon name={kindIcon(preview.kind)} label={preview.kind} />
                <h1 dir="auto">{preview.title}</h1>
              </div>
              <PreviewFacts
                kind={preview.kind}
                people={preview.people}
                changedAt={preview.changed_at}
                pages={preview.pages}
                path={preview.path}
                source={preview.source.name}
              />
              <div className="form-buttons viewer-actions">
                {outside && (
                  <a className="button" href={outside} target="_blank" rel="noopener noreferrer">
                    <Icon name="open" /> Open at {preview.source.name}
                  </a>
                )}
                {preview.download && (
                  <a className="button" href={`/api/v1/records/${encodeURIComponent(id)}/file`} download>
                    <Icon name="download" /> Download
                  </a>
                )}
                {preview.download && <CopyServerPath source={preview.source.id} path={preview.path} />}
                <Button icon="link" onClick={() => copyAndSay(link, "link")}>
                  Copy link
                </Button>
                <Button icon="eye" onClick={() => setPanel("access")}>
                  Who can see this?
                </Button>
                <Button icon="data" onClick={() => setPanel("record")}>
                  Record
                </Button>
              </div>
            </>
          )}
        </header>
        {error && (
          <div className="preview-failed">
            <ErrorNotice error={error} retry={reload} />
          </div>
        )}
        {!error && !preview && (
          <div className="document">
            <Skeleton rows={8} />
          </div>
        )}
        {preview && <MarkedText preview={preview} query={query} />}
      </article>
      {panel === "access" && (
        <AccessDialog id={id} title={preview?.title ?? ""} onClose={() => setPanel(null)} />
      )}
      {panel === "record" && <RecordDialog id={id} onClose={() => setPanel(null)} />}
    </Shell>
  );
}

type CopyServerPathProps = { source: number; path: string | null | undefined };

/** Where the file is on the server, for those who manage its source: others are not told where the folder is. */
function CopyServerPath({ source, path }: CopyServerPathProps) {
  const { data } = useResource<Source>(`/sources/${source}`);
  const folder = data?.config?.path;
  if (typeof folder !== "string" || !path) return null;
  const whole = `${folder.replace(/\/+$/, "")}/${path}`;
  return (
    <Button icon="copy" title={whole} onClick={() => copyAndSay(whole, "path on the server")}>
      Copy server path
    </Button>
  );
}

/** The record as it landed: what the document was made from. */
function RecordDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, loading, reload } = useResource<RecordData>(`/records/${encodeURIComponent(id)}`);
  const raw = data ? JSON.stringify(data.data, null, 2) : "";
  return (
    <Dialog title="Record" onClose={onClose} wide>
      {error && <ErrorNotice error={error} retry={reload} />}
      {loading && <Skeleton rows={4} />}
      {data && (
        <>
          <dl className="facts">
            <dt>Key</dt>
            <dd className="mono">{data.key}</dd>
            <dt>Stream</dt>
            <dd>{data.stream}</dd>
            <dt>Revision</dt>
            <dd>{data.revision}</dd>
            <dt>Permissions</dt>
            <dd className="mono">{JSON.stringify(data.acl)}</dd>
          </dl>
          <pre className="raw">{raw}</pre>
          <div className="form-buttons">
            <Button icon="copy" onClick={() => copyAndSay(raw, "record")}>
              Copy
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
