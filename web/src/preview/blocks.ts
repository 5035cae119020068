// The parts of a document's text: running text, tables, a mail's head, quoted lines. Parts are stretches of the text,
// so that what is marked in it stays marked.

/** A stretch of the text: from its first letter to before its last one. */
export type Stretch = [from: number, to: number];

export type Block =
  | { type: "text"; at: Stretch }
  /** Lines that quote somebody. */
  | { type: "quote"; at: Stretch }
  /** Names with values, such as a mail's head. */
  | { type: "facts"; facts: { name: Stretch; value: Stretch }[] }
  | { type: "table"; name: Stretch | null; head: Stretch[] | null; rows: Stretch[][] };

interface Line {
  from: number;
  to: number;
  text: string;
}

/** The lines of `text` between `from` and `to`, without their ends. */
export function linesOf(text: string, from = 0, to = text.length): Line[] {
  const lines: Line[] = [];
  for (let at = from; at <= to; ) {
    const end = text.indexOf("\n", at);
    const stop = end === -1 || end > to ? to : end;
    lines.push({ from: at, to: stop, text: text.slice(at, stop) });
    at = stop + 1;
  }
  return lines;
}

/** Running text with the tables of Markdown in it. */
export function markdownBlocks(text: string, from: number, to: number): Block[] {
  const lines = linesOf(text, from, to);
  const blocks: Block[] = [];
  let begun = from;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const next = lines[at + 1];
    if (!line || !next || !isPipeRow(line) || !isRule(next.text)) continue;
    let end = at + 2;
    while (isPipeRow(lines[end])) end += 1;
    addText(blocks, text, [begun, line.from]);
    blocks.push({
      type: "table",
      name: null,
      head: pipeCells(line),
      rows: lines.slice(at + 2, end).map(pipeCells),
    });
    begun = lines[end]?.from ?? to;
    at = end - 1;
  }
  addText(blocks, text, [begun, to]);
  return blocks;
}

const isPipeRow = (line: Line | undefined): boolean => line?.text.trimStart().startsWith("|") ?? false;
const isRule = (text: string): boolean => /^\s*\|(\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$/.test(text);

function pipeCells({ from, text }: Line): Stretch[] {
  const cells: Stretch[] = [];
  let start = text.indexOf("|") + 1;
  for (let at = start; at <= text.length; at += 1) {
    const isEnd = at === text.length;
    if (!isEnd && (text[at] !== "|" || text[at - 1] === "\\")) continue;
    // The last bar ends the row, it begins no cell.
    if (isEnd && text.slice(start).trim() === "") break;
    cells.push(trimmed(text, start, at, from));
    start = at + 1;
  }
  return cells;
}

/** Tab-separated rows; a line without a tab behind an empty one, or the first of several sheets, names a sheet. */
export function sheetBlocks(text: string, from: number, to: number): Block[] {
  const blocks: Block[] = [];
  let rows: Stretch[][] = [];
  let name: Stretch | null = null;
  const finish = () => {
    if (rows.length > 0 || name)
      blocks.push({ type: "table", name, head: rows[0] ?? null, rows: rows.slice(1) });
    rows = [];
    name = null;
  };
  let afterGap = from === 0;
  for (const [at, line] of linesOf(text, from, to).entries()) {
    if (line.text === "") {
      afterGap = true;
      continue;
    }
    const isName = afterGap && !line.text.includes("\t") && (at > 0 || /^[^\t\n]*\n[^\n]*\t/.test(text));
    if (isName) {
      finish();
      name = [line.from, line.to];
    } else rows.push(tabCells(line));
    afterGap = false;
  }
  finish();
  return blocks;
}

function tabCells({ from, text }: Line): Stretch[] {
  let start = from;
  return text.split("\t").map((cell): Stretch => {
    const at: Stretch = [start, start + cell.length];
    start += cell.length + 1;
    return at;
  });
}

const HEADER = /^(From|To|Cc|Date|Subject|Attachments): /;

/** A mail: the head as facts, what it quotes apart from what it says. */
export function mailBlocks(text: string, from: number, to: number): Block[] {
  const blocks: Block[] = [];
  for (const line of linesOf(text, from, to)) {
    const last = blocks.at(-1);
    const header = HEADER.exec(line.text);
    const type = header ? "facts" : line.text.startsWith(">") ? "quote" : "text";
    if (header?.[1]) {
      const fact = {
        name: [line.from, line.from + header[1].length] as Stretch,
        value: [line.from + header[0].length, line.to] as Stretch,
      };
      if (last?.type === "facts") last.facts.push(fact);
      else blocks.push({ type: "facts", facts: [fact] });
    } else if (last?.type === type && "at" in last) last.at[1] = line.to;
    else blocks.push({ type: type as "quote" | "text", at: [line.from, line.to] });
  }
  return blocks
    .map((block) => ("at" in block ? { ...block, at: withoutGaps(text, block.at) } : block))
    .filter((block) => !("at" in block) || block.at[0] < block.at[1]);
}

/** The stretch without empty lines around it. */
function withoutGaps(text: string, [from, to]: Stretch): Stretch {
  const own = text.slice(from, to);
  const start = from + (/^(\s*\n)*/.exec(own)?.[0].length ?? 0);
  return [start, Math.max(start, from + own.trimEnd().length)];
}

function addText(blocks: Block[], text: string, at: Stretch): void {
  const own = withoutGaps(text, at);
  if (own[0] < own[1]) blocks.push({ type: "text", at: own });
}

function trimmed(text: string, start: number, end: number, offset: number): Stretch {
  const cell = text.slice(start, end);
  const from = start + (cell.length - cell.trimStart().length);
  return [offset + from, offset + Math.max(from, start + cell.trimEnd().length)];
}

/** A text whose lines are all shorter than this was not broken to fit a width. */
const BROKEN_WIDTH_MIN = 60;
/** So near to the width lines end that were broken; so many of them tell the width. */
const RAGGED = 15;
const WITNESSES = 3;

/**
 * The text with the line breaks that only keep it narrow turned into spaces: where the next word would not have fitted.
 * Of the same length, so that every place in it stays where it was.
 */
export function reflowed(text: string): string {
  const lines = text.split("\n");
  const width = brokenWidth(lines);
  if (width === null) return text;
  let out = "";
  for (const [at, line] of lines.entries()) {
    const next = lines[at + 1];
    out += line;
    if (next !== undefined) out += isBroken(line, next, width) ? " " : "\n";
  }
  return out;
}

/** The width that lines were broken to fit: the largest that several lines nearly reach. */
function brokenWidth(lines: string[]): number | null {
  const lengths = lines
    .filter((line) => !line.startsWith("|"))
    .map((line) => line.length)
    .sort((a, b) => b - a);
  const at = lengths.findIndex((length, at) => (lengths[at + WITNESSES - 1] ?? 0) > length - RAGGED);
  const width = lengths[at] ?? 0;
  return width >= BROKEN_WIDTH_MIN ? width : null;
}

function isBroken(line: string, next: string, width: number): boolean {
  if (line.length > width || /^(\s|\||$)/.test(line) || /^(\s|$|[-*+>|•]|\d+[.)]\s)/.test(next)) return false;
  const word = /^\S+/.exec(next)?.[0] ?? "";
  if (line.length + 1 + word.length > width) return true;
  // Where links and emphasis were taken out of a line it is shorter than it was: a sentence in the middle tells, too.
  return (
    line.length > width / 2 &&
    /^\p{Ll}/u.test(next) &&
    /[\p{L}\d,)]$/u.test(line) &&
    !/--|[={}<>$]/.test(line)
  );
}

/** Which line, from 1, the letter `at` is on. */
export function lineNumber(text: string, at: number): number {
  let number = 1;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1))
    number += 1;
  return number;
}
