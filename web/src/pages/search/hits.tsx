// The rows: title with the match, where and who and when, one line of context. A listbox led by the input.
import { type MouseEvent, useEffect, useRef } from "react";
import { Highlight, nearMatch } from "../../lib/marks";
import { Time, useDelayed } from "../../ui/basics";
import { Icon, kindIcon } from "../../ui/icon";
import type { FoundHit } from "./hit";

type HitsProps = {
  hits: FoundHit[];
  selected: number;
  press: (at: number, newTab: boolean, byPointer: boolean) => void;
  /** Whether nothing has been answered yet. */
  waiting: boolean;
  last: boolean;
  more: () => void;
  total: number;
};

export function Hits({ hits, selected, press, waiting, last, more, total }: HitsProps) {
  const list = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const late = useDelayed(waiting);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another row at the same place has to come into view, too.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [selected, hits[selected]?.objectID]);

  useEffect(() => {
    const sentinel = end.current;
    if (!sentinel || last) return;
    const watcher = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && more(),
      {
        rootMargin: "400px",
      },
    );
    watcher.observe(sentinel);
    return () => watcher.disconnect();
  }, [last, more]);

  const onClick = (event: MouseEvent, at: number) => {
    if (window.getSelection()?.toString()) return;
    press(at, event.metaKey || event.ctrlKey, event.detail > 0);
  };

  if (waiting) {
    return (
      <div className="rows skeleton-rows" data-shown={late} aria-hidden="true">
        {["a", "b", "c", "d", "e", "f", "g", "h"].map((key) => (
          <div key={key} className="row" />
        ))}
      </div>
    );
  }
  return (
    <div className="rows">
      <div id="hits" ref={list} role="listbox" aria-label="Hits" tabIndex={-1}>
        {hits.map((hit, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the page handles the keys of the selected row.
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, `aria-activedescendant` leads.
          <div
            key={hit.objectID}
            id={`hit-${hit.objectID}`}
            role="option"
            aria-selected={at === selected}
            aria-posinset={at + 1}
            aria-setsize={total}
            className="row"
            onClick={(event) => onClick(event, at)}
          >
            <Row hit={hit} />
          </div>
        ))}
      </div>
      <div ref={end} className="rows-end" aria-hidden="true" />
    </div>
  );
}

function Row({ hit }: { hit: FoundHit }) {
  const highlight = hit._highlightResult ?? {};
  const person = highlight.people?.find((each) => each.matchLevel !== "none") ?? highlight.people?.[0];
  return (
    <>
      <Icon name={kindIcon(hit.kind)} label={hit.kind} />
      <div className="row-title" dir="auto">
        <Highlight value={highlight.title?.value || hit.title || "Without a title"} />
      </div>
      <div className="row-where">
        <span className="row-source">
          <bdi>{hit.source}</bdi>
        </span>
        {hit.path && (
          <span className="row-path" title={hit.path}>
            <bdi>
              <Highlight value={highlight.path?.value} />
            </bdi>
          </span>
        )}
        {person && (
          <span className="row-person">
            <bdi>
              <Highlight value={person.value} />
            </bdi>
          </span>
        )}
        {hit.changed_at ? <Time at={hit.changed_at} /> : null}
      </div>
      <div className="row-context" dir="auto">
        <Highlight value={nearMatch(hit._snippetResult?.body?.value)} />
      </div>
    </>
  );
}
