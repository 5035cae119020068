// A document's text with the matches marked, scrolled to the first one: prose, code or a table.
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Preview } from "../api/types";
import { plural } from "../lib/format";
import { cleanMarks, type Mark, markedSlice } from "../lib/marks";
import { Button, IconButton } from "../ui/basics";

/** More than this is shown in part, around the first match. */
const SHOWN_CHARS = 200_000;
const TABLE_ROWS = 1000;
const ABOVE_MATCH_PX = 96;
const CODE = /^(code|source|script|rust|python|json|ya?ml|toml|xml|log|sql|data|record)$/i;
const SHEET = /^(xlsx?|csv|tsv|sheet|spreadsheet|ods)$/i;

export function MarkedText({ preview }: { preview: Preview }) {
  const { text, kind } = preview;
  const marks = useMemo(() => cleanMarks(preview.marks ?? [], text.length), [preview.marks, text]);
  const [whole, setWhole] = useState(false);
  const [current, setCurrent] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const [from, to] = whole ? [0, text.length] : windowAround(text.length, marks[0]?.[0] ?? 0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another document begins at its own first match.
  useEffect(() => {
    setCurrent(0);
    setWhole(false);
  }, [preview]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls for another document, match or extent.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const mark = box.querySelector<HTMLElement>(`[data-mark="${current}"]`);
    if (!mark) {
      box.scrollTop = 0;
      return;
    }
    const offset = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += offset - ABOVE_MATCH_PX;
  }, [preview, current, whole]);

  const step = (by: number) => setCurrent((current + by + marks.length) % marks.length);
  const isTable = SHEET.test(kind) && text.includes("\t");
  const look = isTable ? "sheet" : CODE.test(kind) ? "code" : "prose";

  return (
    <>
      {marks.length > 0 && (
        <div className="match-bar">
          <span className="num" role="status">
            {marks.length === 1 ? "1 match" : `${current + 1} of ${plural(marks.length, "match", "matches")}`}
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
        {text === "" && <p className="quiet-text">No text could be read from this one.</p>}
        {isTable ? (
          <Sheet text={text} marks={marks} current={current} />
        ) : (
          <div className="document-text" dir="auto">
            {markedSlice(text, marks, from, to, current)}
          </div>
        )}
        {!isTable && (from > 0 || to < text.length) && (
          <p className="document-part">
            Shown in part, it is long. <Button onClick={() => setWhole(true)}>Show the whole text</Button>
          </p>
        )}
      </section>
    </>
  );
}

function windowAround(length: number, at: number): [number, number] {
  if (length <= SHOWN_CHARS) return [0, length];
  const from = Math.max(0, Math.min(at - SHOWN_CHARS / 4, length - SHOWN_CHARS));
  return [from, from + SHOWN_CHARS];
}

/** Tab-separated lines as a table; an empty line begins another sheet. */
function Sheet({ text, marks, current }: { text: string; marks: Mark[]; current: number }) {
  const lines = useMemo(() => {
    let start = 0;
    return text.split("\n").map((line) => {
      const at = start;
      start += line.length + 1;
      return { at, line };
    });
  }, [text]);
  const first = lines.findIndex(({ at, line }) => at + line.length > (marks[0]?.[0] ?? 0));
  const skip = lines.length > TABLE_ROWS ? Math.max(0, Math.min(first - 20, lines.length - TABLE_ROWS)) : 0;
  const shown = lines.slice(skip, skip + TABLE_ROWS);
  return (
    <>
      {skip > 0 && <p className="document-part">{plural(skip, "row")} above are not shown.</p>}
      <table>
        <tbody>
          {shown.map(({ at, line }) => (
            <tr key={at}>{cells(line, at, text, marks, current)}</tr>
          ))}
        </tbody>
      </table>
      {skip + shown.length < lines.length && (
        <p className="document-part">
          {plural(lines.length - skip - shown.length, "more row")} are not shown.
        </p>
      )}
    </>
  );
}

function cells(line: string, start: number, text: string, marks: Mark[], current: number): ReactNode[] {
  let at = start;
  return line.split("\t").map((cell) => {
    const from = at;
    at += cell.length + 1;
    const number = /^-?[\d.,\s]+%?$/.test(cell);
    return (
      <td key={from} className={number ? "num" : undefined} dir="auto">
        {markedSlice(text, marks, from, from + cell.length, current)}
      </td>
    );
  });
}
