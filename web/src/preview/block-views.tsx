// The parts of a document as they are drawn, each with its matches marked.
import { type ReactNode, useMemo } from "react";
import { exactTime, plural } from "../lib/format";
import { type Mark, markedSlice } from "../lib/marks";
import { type Block, lineNumber, type Stretch } from "./blocks";

interface Marked {
  text: string;
  marks: Mark[];
  /** Which match is the one that is looked at. */
  current: number;
}

/** So many rows of a table are drawn: those around its first match, or around the one that is looked at. */
const TABLE_ROWS = 1000;
const ROWS_ABOVE = 20;

export function Blocks({ blocks, ...marked }: Marked & { blocks: Block[] }) {
  return blocks.map((block) => {
    switch (block.type) {
      case "table":
        return <TableBlock key={keyOf(block)} block={block} {...marked} />;
      case "facts":
        return (
          <dl key={keyOf(block)} className="document-facts">
            {block.facts.map(({ name, value }) => (
              <div key={name[0]}>
                <dt>{marked.text.slice(...name)}</dt>
                <dd dir="auto">{factValue(marked, name, value)}</dd>
              </div>
            ))}
          </dl>
        );
      default:
        return (
          <div key={keyOf(block)} className={`document-text ${block.type}`} dir="auto">
            {slice(marked, block.at)}
          </div>
        );
    }
  });
}

function keyOf(block: Block): number {
  if (block.type === "facts") return block.facts[0]?.name[0] ?? 0;
  if (block.type === "table") return block.name?.[0] ?? block.head?.[0]?.[0] ?? 0;
  return block.at[0];
}

const slice = ({ text, marks, current }: Marked, [from, to]: Stretch): ReactNode =>
  markedSlice(text, marks, from, to, current);

/** A date that nothing is marked in is said as people say it. */
function factValue(marked: Marked, name: Stretch, value: Stretch): ReactNode {
  const { text, marks } = marked;
  const isMarked = marks.some(([from, to]) => from < value[1] && to > value[0]);
  const at = text.slice(...name) === "Date" && !isMarked ? Date.parse(text.slice(...value)) : Number.NaN;
  return Number.isNaN(at) ? slice(marked, value) : <time title={text.slice(...value)}>{exactTime(at)}</time>;
}

function TableBlock({ block, ...marked }: Marked & { block: Block & { type: "table" } }) {
  const { name, head, rows } = block;
  const skip = firstRowShown(block, marked);
  const shown = rows.slice(skip, skip + TABLE_ROWS);
  const below = rows.length - skip - shown.length;
  const numeric = useMemo(() => numericColumns(rows, marked.text), [rows, marked.text]);
  return (
    <div className="document-table">
      {name && (
        <p className="document-sheet" dir="auto">
          {slice(marked, name)} <span className="quiet-text small">{plural(rows.length, "row")}</span>
        </p>
      )}
      {skip > 0 && <p className="document-part">{plural(skip, "row")} above are not shown.</p>}
      <table>
        {head && (
          <thead>
            <tr>{cells(head, marked, numeric, "th")}</tr>
          </thead>
        )}
        <tbody>
          {shown.map((row) => (
            <tr key={row[0]?.[0]}>{cells(row, marked, numeric, "td")}</tr>
          ))}
        </tbody>
      </table>
      {below > 0 && <p className="document-part">{plural(below, "more row")} are not shown.</p>}
    </div>
  );
}

function firstRowShown({ head, rows }: Block & { type: "table" }, { marks, current }: Marked): number {
  const rowOf = (letter: number) => rows.findIndex((row) => (row.at(-1)?.[1] ?? 0) > letter);
  const above = (row: number) => Math.max(0, Math.min(row - ROWS_ABOVE, rows.length - TABLE_ROWS));
  const begin = head?.[0]?.[0] ?? 0;
  const usual = above(rowOf(marks.find(([from]) => from >= begin)?.[0] ?? 0));
  const looked = marks[current]?.[0] ?? 0;
  const row = looked < begin ? -1 : rowOf(looked);
  const isDrawn = row === -1 || (row >= usual && row < usual + TABLE_ROWS);
  return isDrawn ? usual : above(row);
}

function cells(row: Stretch[], marked: Marked, numeric: boolean[], Cell: "td" | "th"): ReactNode[] {
  return row.map((cell, column) => (
    <Cell
      key={cell[0]}
      scope={Cell === "th" ? "col" : undefined}
      className={numeric[column] ? "num" : undefined}
      dir="auto"
    >
      {slice(marked, cell)}
    </Cell>
  ));
}

const NUMBER = /^[-+−]?[\d.,\s'’]+\s?[%€$£]?$/;

/** Which columns hold numbers in their first rows, and nothing else. */
function numericColumns(rows: Stretch[][], text: string): boolean[] {
  const looked = rows.slice(0, 50);
  const columns = Math.max(0, ...looked.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => {
    const values = looked.map((row) => text.slice(...(row[column] ?? [0, 0])).trim()).filter(Boolean);
    return values.length > 0 && values.every((value) => NUMBER.test(value));
  });
}

/** Lines with their numbers; `from` is where a line begins. */
export function Code({ from, to, ...marked }: Marked & { from: number; to: number }) {
  const numbers = useMemo(() => {
    const first = lineNumber(marked.text, from);
    const lines = marked.text.slice(from, to).replace(/\n$/, "").split("\n").length;
    return Array.from({ length: lines }, (_, at) => first + at).join("\n");
  }, [marked.text, from, to]);
  return (
    <div className="document-code">
      <pre className="line-numbers" aria-hidden="true">
        {numbers}
      </pre>
      <div className="document-text">{slice(marked, [from, to])}</div>
    </div>
  );
}
