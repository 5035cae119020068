// A document's text with the matches marked, scrolled to the first one: prose, mail, code or tables.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Preview } from "../api/types";
import { plural } from "../lib/format";
import { cleanMarks, type Mark } from "../lib/marks";
import { Button, IconButton } from "../ui/basics";
import { Sentence } from "../ui/words";
import { Blocks, Code } from "./block-views";
import { type Block, mailBlocks, markdownBlocks, reflowed, sheetBlocks } from "./blocks";
import "./preview.css";

/** More than this is shown in part, around the match that is looked at. */
const SHOWN_CHARS = 200_000;
const ABOVE_MATCH_PX = 96;

type Look = "prose" | "mail" | "code" | "mono" | "sheet";

const LOOKS: [RegExp, Look][] = [
  [/^(xlsx?|csv|tsv|sheet|spreadsheet|ods)$/i, "sheet"],
  [/^(mail|email|eml|message)$/i, "mail"],
  [/^(code|source|script|rust|python|sql)$/i, "code"],
  // What was read out of these is not the file line by line.
  [/^(json|ya?ml|toml|xml|log|data|record)$/i, "mono"],
];

const FLOWING = /^(markdown|md|text|txt|mail|email|eml|message)$/i;

type MarkedTextProps = {
  preview: Preview;
  /** What was searched for. */
  query: string;
};

export function MarkedText({ preview, query }: MarkedTextProps) {
  const { kind } = preview;
  const text = useMemo(
    () => (FLOWING.test(kind) ? reflowed(preview.text) : preview.text),
    [kind, preview.text],
  );
  const marks = useMemo(() => cleanMarks(preview.marks ?? [], text.length), [preview.marks, text]);
  const [whole, setWhole] = useState(false);
  const [current, setCurrent] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const look = LOOKS.find(([pattern]) => pattern.test(kind))?.[1] ?? "prose";
  /** The match that the shown part of a long text is around. */
  const [around, setAround] = useState(0);
  const middle = marks[around]?.[0] ?? 0;
  // A table keeps its head and draws only some of its rows.
  const [from, to] = useMemo(
    () => (whole || look === "sheet" ? [0, text.length] : windowAround(text, middle)),
    [whole, look, text, middle],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: another document begins at its own first match.
  useEffect(() => {
    setCurrent(0);
    setAround(0);
    setWhole(false);
  }, [preview]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls for another document, match or extent.
  useLayoutEffect(() => {
    const box = scroller.current;
    const mark = box?.querySelector<HTMLElement>(`[data-mark="${current}"]`);
    if (box) scrollTo(box, mark ?? null);
  }, [preview, current, whole]);

  const step = (by: number) => {
    const next = (current + by + marks.length) % marks.length;
    const [begin, end] = marks[next] ?? [from, to];
    if (begin < from || end > to) setAround(next);
    setCurrent(next);
  };

  return (
    <>
      {/* It stands with and without matches, so that the text doesn't move with the next letter. */}
      {query.trim() !== "" && text !== "" && (
        <div className="match-bar">
          <span className="num" role="status">
            {matchText(marks.length, current)}
          </span>
          {marks.length > 1 && (
            <>
              <IconButton icon="up" label="Previous match" onClick={() => step(-1)} />
              <IconButton icon="down" label="Next match" onClick={() => step(1)} />
            </>
          )}
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text must be reachable with the keyboard. */}
      <section className={`document ${look}`} ref={scroller} tabIndex={0} aria-label="Text">
        {text === "" ? (
          <NoText because={preview.text_missing} />
        ) : (
          <Content look={look} text={text} marks={marks} current={current} from={from} to={to} />
        )}
        {(from > 0 || to < text.length) && (
          <p className="document-part">
            Shown in part, it is long. <Button onClick={() => setWhole(true)}>Show the whole text</Button>
          </p>
        )}
        {preview.truncated && (
          <p className="document-part">The text goes on; a preview holds only its first part.</p>
        )}
      </section>
    </>
  );
}

function NoText({ because }: { because: string | null | undefined }) {
  return (
    <>
      <p className="quiet-text">No text could be read from this one.</p>
      {because && (
        <p className="quiet-text">
          <Sentence text={because} />
        </p>
      )}
    </>
  );
}

function matchText(matches: number, current: number): string {
  if (matches === 0) return "No match in the text";
  return matches === 1 ? "1 match" : `${current + 1} of ${plural(matches, "match", "matches")}`;
}

type ContentProps = { look: Look; text: string; marks: Mark[]; current: number; from: number; to: number };

const PARTS: Record<"prose" | "mail" | "sheet", (text: string, from: number, to: number) => Block[]> = {
  prose: markdownBlocks,
  mail: mailBlocks,
  sheet: sheetBlocks,
};

function Content({ look, text, from, to, ...marked }: ContentProps) {
  const blocks = useMemo<Block[]>(() => {
    if (look === "code") return [];
    return look === "mono" ? [{ type: "text", at: [from, to] }] : PARTS[look](text, from, to);
  }, [look, text, from, to]);
  if (look === "code") return <Code text={text} from={from} to={to} {...marked} />;
  return <Blocks blocks={blocks} text={text} {...marked} />;
}

/** Brings the match into view, a little below the upper edge; without one, the beginning. */
function scrollTo(box: HTMLElement, mark: HTMLElement | null): void {
  if (!mark) {
    box.scrollTop = 0;
    box.scrollLeft = 0;
    return;
  }
  const outer = box.getBoundingClientRect();
  const inner = mark.getBoundingClientRect();
  box.scrollTop += inner.top - outer.top - ABOVE_MATCH_PX;
  const isBeside = inner.right > outer.right || inner.left < outer.left;
  if (isBeside) box.scrollLeft += inner.left - outer.left - outer.width / 2;
}

/** So much of a long text that the match is in it, from the beginning of a line. */
function windowAround(text: string, at: number): [number, number] {
  const { length } = text;
  if (length <= SHOWN_CHARS) return [0, length];
  const wished = Math.max(0, Math.min(at - SHOWN_CHARS / 4, length - SHOWN_CHARS));
  const from = wished === 0 ? 0 : text.lastIndexOf("\n", wished) + 1;
  return [Math.max(from, wished - 2000), wished + SHOWN_CHARS];
}
