// The preview beside the rows: who, when, the text at its first match, and what can be done with it.
import { useState } from "react";
import type { Preview } from "../api/types";
import { plural } from "../lib/format";
import { type FoundHit, providerUrl, shareLink, viewerPath } from "../pages/search/hit";
import { Link } from "../router";
import { Button, ErrorNotice, Skeleton, Time } from "../ui/basics";
import { Icon } from "../ui/icon";
import { copyAndSay } from "../ui/overlay";
import { AccessDialog } from "./access-dialog";
import { MarkedText } from "./marked-text";
import { usePreview } from "./use-preview";
import "./preview.css";

type PaneProps = {
  id: string;
  query: string;
  /** What the row already knows, shown until the preview is here. */
  hint: FoundHit;
};

export function PreviewPane({ id, query, hint }: PaneProps) {
  const { preview, error, reload } = usePreview(id, query);
  const [access, setAccess] = useState(false);
  const outside = providerUrl(hint.url);
  return (
    <article className="preview">
      <header>
        <h2 dir="auto">{preview?.title ?? hint.title}</h2>
        <PreviewFacts
          kind={hint.kind}
          people={preview?.people ?? hint.people ?? []}
          changedAt={preview?.changed_at ?? hint.changed_at}
          pages={preview?.pages}
          path={preview?.path ?? hint.path}
          source={hint.source}
        />
      </header>
      {error ? (
        <div className="preview-failed">
          <ErrorNotice error={error} retry={reload} />
        </div>
      ) : preview ? (
        <MarkedText preview={preview} query={query} />
      ) : (
        <div className="document">
          <Skeleton rows={5} />
        </div>
      )}
      <footer>
        {outside ? (
          <a className="button" href={outside} target="_blank" rel="noopener noreferrer">
            <Icon name="open" /> Open
          </a>
        ) : (
          <Link className="button" to={viewerPath(id, query)}>
            <Icon name="open" /> Open
          </Link>
        )}
        <Button look="quiet" icon="link" onClick={() => copyAndSay(shareLink(id, hint.url), "link")}>
          Copy link
        </Button>
        <Button look="quiet" icon="eye" onClick={() => setAccess(true)}>
          Who can see this?
        </Button>
      </footer>
      {access && <AccessDialog id={id} title={hint.title} onClose={() => setAccess(false)} />}
    </article>
  );
}

type FactsProps = {
  kind: string;
  people: string[];
  changedAt: number | null | undefined;
  pages: Preview["pages"];
  path: string | null | undefined;
  source: string;
};

const PAGE_WORDS: Record<string, string> = { sheet: "sheet", slides: "slide" };

export function PreviewFacts({ kind, people, changedAt, pages, path, source }: FactsProps) {
  return (
    <>
      <p className="preview-facts">
        <span>{source}</span>
        {people.length > 0 && <span dir="auto">{people.join(", ")}</span>}
        {changedAt ? (
          <span>
            changed <Time at={changedAt} />
          </span>
        ) : null}
        {pages ? <span>{plural(pages, PAGE_WORDS[kind] ?? "page")}</span> : null}
      </p>
      {path && (
        <p className="preview-path" dir="auto">
          <bdi>{path}</bdi>
          <button type="button" className="copy-path" onClick={() => copyAndSay(path, "path")}>
            <Icon name="copy" label="Copy the path" />
          </button>
        </p>
      )}
    </>
  );
}
