// What is on the search page, and what its keys do.
import { useCallback, useRef, useState } from "react";
import { PreviewPane } from "../../preview/preview-pane";
import { navigate } from "../../router";
import { Shell } from "../../shell";
import { Button } from "../../ui/basics";
import { commandKey, isTyping, type KeyHelp, useKeys } from "../../ui/keys";
import { copyAndSay } from "../../ui/overlay";
import { useWidth } from "../../ui/width";
import { FacetChips, Rail, useFacets } from "./facets";
import { Footer } from "./footer";
import { type FoundHit, providerUrl, shareLink, viewerPath } from "./hit";
import { Hits } from "./hits";
import { parseOperators } from "./operators";
import { type BoxHandle, SearchBox } from "./search-box";
import { NO_HITS, useHits } from "./use-hits";
import { SearchFailed, ZeroHits } from "./zero-hits";

const KEYS: KeyHelp[] = [
  { keys: ["↑", "↓"], what: "Previous, next hit" },
  { keys: ["PgUp", "PgDn"], what: "Several hits up, down" },
  { keys: ["Enter"], what: "Open the selected hit" },
  { keys: [commandKey("Enter")], what: "Open it in a new tab" },
  { keys: [commandKey("C")], what: "Copy its link, when no text is selected" },
  { keys: ["Esc"], what: "Clear the text, then the filters" },
  { keys: ["in:"], what: "Only this source; kind: and from: likewise" },
];

const JUMP = 6;
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: JUMP, PageUp: -JUMP };

export function SearchView() {
  const { query, chosen, changed, clear, total } = useFacets();
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<BoxHandle>(null);
  const pane = useRef<HTMLDivElement>(null);
  const width = useWidth();
  // What is being read stays selected when rows turn up above it.
  const { hits, results, status, error, renew, showMore, isLastPage, beginAnew } = useHits({
    typed: () => parseOperators(input.current?.value ?? query).query,
    beforeRenewal: () => select(selected),
  });
  // Which row is selected belongs to one search: another one begins at its first row.
  const asked = JSON.stringify([results?.query, chosen, changed]);
  const [choice, setChoice] = useState<{ asked: string; id: string } | null>(null);
  const at = choice?.asked === asked ? hits.findIndex((hit) => hit.objectID === choice.id) : 0;
  const selected = Math.max(0, at);
  const hit = hits[selected];
  const waiting = !results && status !== "error";

  const select = useCallback(
    (next: number) => {
      const wanted = hits[Math.max(0, Math.min(next, hits.length - 1))];
      if (wanted) setChoice({ asked, id: wanted.objectID });
    },
    [hits, asked],
  );

  const open = useCallback(
    (target: FoundHit, newTab: boolean) => {
      const outside = providerUrl(target.url);
      const viewer = viewerPath(target.objectID, query);
      if (outside) window.open(outside, "_blank", "noopener,noreferrer");
      else if (newTab) window.open(viewer, "_blank", "noopener");
      else navigate(viewer);
    },
    [query],
  );

  /** A row was pressed: another one is selected, the selected one is opened. */
  const press = (at: number, newTab: boolean, byPointer: boolean) => {
    const target = hits[at];
    if (!target) return;
    if (newTab) open(target, true);
    // On a phone there is no pane beside the rows: a tap leads to the preview's own page.
    else if (width === "phone") navigate(viewerPath(target.objectID, query));
    else if (at === selected && byPointer) open(target, false);
    else select(at);
  };

  const stepBack = () => {
    if (document.querySelector("[popover]:popover-open")) return;
    if (query !== "" || input.current?.value) box.current?.clear();
    else if (chosen.length > 0 || changed) clear();
    else input.current?.blur();
  };

  const move = (by: number) => {
    pane.current?.setAttribute("data-by", "keys");
    select(selected + by);
    if (selected + by >= hits.length - JUMP && !isLastPage) showMore();
  };

  /** Keys with Ctrl or ⌘; answers whether the key was one of ours. */
  const modifiedKey = (key: string): boolean => {
    if (key === "Enter" && hit) open(hit, true);
    else if (key.toLowerCase() === "c" && hit && !hasSelection(input.current)) {
      copyAndSay(shareLink(hit.objectID, hit.url), "link");
    } else return false;
    return true;
  };

  const plainKey = (key: string): boolean => {
    const step = STEPS[key];
    if (step !== undefined) move(step);
    else if (key === "Enter" && hit) open(hit, false);
    else if (key === "/" && document.activeElement !== input.current) {
      input.current?.focus();
      input.current?.select();
    } else return false;
    return true;
  };

  useKeys((event) => {
    const { target, key } = event;
    if (event.altKey || (isTyping(target) && target !== input.current)) return;
    if (key === "Escape") return stepBack();
    if (keepsKey(target, key)) return;
    const modified = event.metaKey || event.ctrlKey;
    if (modified ? modifiedKey(key) : plainKey(key)) event.preventDefault();
    // Typing anywhere is typing into the box.
    else if (!modified && key.length === 1 && key !== "?" && key !== " ") input.current?.focus();
  });

  return (
    <Shell
      title={query ? `${query}` : "Fossick"}
      keys={KEYS}
      bare
      centre={
        <SearchBox
          input={input}
          handle={box}
          active={hit && status !== "error" ? `hit-${hit.objectID}` : undefined}
        />
      }
    >
      <h1 className="readers-only">Search</h1>
      <div ref={pane} className="search-page" onPointerMove={() => pane.current?.removeAttribute("data-by")}>
        {width === "wide" ? <Rail /> : <FacetChips />}
        <section className="results" aria-label="Hits">
          {status === "error" ? (
            <SearchFailed error={error} retry={renew} />
          ) : results && results.nbHits === 0 ? (
            <ZeroHits renew={renew} />
          ) : (
            <>
              <ResultsHead
                waiting={waiting}
                query={query}
                renew={
                  beginAnew &&
                  (() => {
                    setChoice(null);
                    beginAnew();
                    pane.current?.querySelector(".results")?.scrollTo({ top: 0 });
                  })
                }
              />
              <Hits
                hits={waiting ? NO_HITS : hits}
                selected={selected}
                press={press}
                waiting={waiting}
                last={isLastPage}
                more={showMore}
                total={total}
              />
            </>
          )}
        </section>
        {width !== "phone" && (
          <section className="preview-side" aria-label="Preview">
            {hit && status !== "error" && (results?.nbHits ?? 0) > 0 && (
              <PreviewPane id={hit.objectID} query={results?.query ?? ""} hint={hit} />
            )}
          </section>
        )}
        <Footer hits={total} ms={results?.processingTimeMS} known={Boolean(results) && status !== "error"} />
      </div>
    </Shell>
  );
}

type HeadProps = { waiting: boolean; query: string; renew: (() => void) | null };

/** The order of the hits. It stands always, so that the rows don't move with the first letter. */
function ResultsHead({ waiting, query, renew }: HeadProps) {
  return (
    <div className="results-head">
      <h2>{waiting ? "" : query === "" ? "Changed lately" : "Best first"}</h2>
      {renew && (
        <Button look="quiet" icon="up" onClick={renew}>
          Look for new hits
        </Button>
      )}
    </div>
  );
}

/** A focused button or link keeps its own keys; a text that has the focus scrolls. */
function keepsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element) || key === "/") return false;
  if (target.closest("button, a, summary, [popover]")) return true;
  return STEPS[key] !== undefined && target.closest(".document") !== null;
}

function hasSelection(input: HTMLInputElement | null): boolean {
  if (window.getSelection()?.toString()) return true;
  return input !== null && document.activeElement === input && input.selectionStart !== input.selectionEnd;
}
