// Text with its matches: highlights of hits and marked previews as nodes, never as HTML.
import type { ReactNode } from "react";

/** Parts a highlighted value (`&lt;` escapes, `<mark>` tags) into plain pieces. */
export function highlightParts(value: string): { text: string; marked: boolean }[] {
  const parts: { text: string; marked: boolean }[] = [];
  for (const piece of value.split(/(<mark>[\s\S]*?<\/mark>)/)) {
    if (piece === "") continue;
    const marked = piece.startsWith("<mark>");
    parts.push({ text: plainText(marked ? piece.slice(6, -7) : piece), marked });
  }
  return parts;
}

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

function plainText(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

export function Highlight({ value }: { value: string | undefined }) {
  if (!value) return null;
  return highlightParts(value).map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place.
    part.marked ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
  );
}

/** So many letters stand before the first match of a snippet, so that it is seen in a narrow row, too. */
const LEAD_MAX = 32;

/** A snippet that begins shortly before its first match, at a word. */
export function nearMatch(value: string | undefined): string | undefined {
  const at = value?.indexOf("<mark>") ?? -1;
  if (!value || at <= LEAD_MAX) return value;
  const space = value.indexOf(" ", at - LEAD_MAX);
  return `…${value.slice(space === -1 || space > at ? at : space + 1)}`;
}

export type Mark = [start: number, end: number];

/** Sorted, inside the text, without overlaps: what a server sends is not trusted to be. */
export function cleanMarks(marks: readonly Mark[], length: number): Mark[] {
  const clean: Mark[] = [];
  for (const [start, end] of [...marks].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, clean.at(-1)?.[1] ?? 0);
    const to = Math.min(end, length);
    if (Number.isInteger(from) && Number.isInteger(to) && from < to) clean.push([from, to]);
  }
  return clean;
}

/** The stretch `from..to` of the text as nodes; the mark number `current` is told apart. */
export function markedSlice(
  text: string,
  marks: readonly Mark[],
  from: number,
  to: number,
  current = -1,
): ReactNode[] {
  const nodes: ReactNode[] = [];
  let at = from;
  for (let number = firstMarkAfter(marks, from); number < marks.length; number += 1) {
    const [start, end] = marks[number] ?? [to, to];
    if (start >= to) break;
    const begin = Math.max(start, at);
    const stop = Math.min(end, to);
    if (begin > at) nodes.push(text.slice(at, begin));
    nodes.push(
      <mark key={number} data-mark={number} className={number === current ? "current" : undefined}>
        {text.slice(begin, stop)}
      </mark>,
    );
    at = stop;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

/** The first mark that ends after `at`, by bisection. */
function firstMarkAfter(marks: readonly Mark[], at: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.[1] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
