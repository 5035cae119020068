// Highlights never become markup, marks never break the text.
import { expect, test } from "vitest";
import { cleanMarks, highlightParts, type Mark, markedSlice, nearMatch } from "./marks";

test("a snippet begins near its match, at a word", () => {
  expect(nearMatch("one two <mark>three</mark>")).toBe("one two <mark>three</mark>");
  expect(nearMatch("a long way to go before there is the first &amp; only <mark>match</mark> of it")).toBe(
    "…there is the first &amp; only <mark>match</mark> of it",
  );
  expect(nearMatch(`${"x".repeat(80)}<mark>y</mark>`)).toBe("…<mark>y</mark>");
  expect(nearMatch(undefined)).toBe(undefined);
  const unmarked = "nothing is marked in this one, however long it may be";
  expect(nearMatch(unmarked)).toBe(unmarked);
});

test("a highlighted value is parted and unescaped", () => {
  expect(highlightParts("a &lt;b&gt; <mark>c&amp;d</mark>")).toEqual([
    { text: "a <b> ", marked: false },
    { text: "c&d", marked: true },
  ]);
});

test("an escaped tag in a document stays text", () => {
  expect(highlightParts("&lt;mark&gt;x&lt;/mark&gt;")).toEqual([{ text: "<mark>x</mark>", marked: false }]);
});

test("marks are sorted, cut to the text and freed of overlaps", () => {
  expect(
    cleanMarks(
      [
        [5, 9],
        [0, 3],
        [2, 6],
        [8, 99],
        [4, 4],
        [-3, 1],
      ] as Mark[],
      10,
    ),
  ).toEqual([
    [0, 1],
    [1, 3],
    [3, 6],
    [6, 9],
    [9, 10],
  ]);
});

test("a slice holds exactly its text, with the marks inside it", () => {
  const nodes = markedSlice(
    "one two three",
    [
      [4, 7],
      [8, 13],
    ],
    2,
    10,
  );
  const texts = nodes.map((node) =>
    typeof node === "string" ? node : (node as { props: { children: string } }).props.children,
  );
  expect(texts).toEqual(["e ", "two", " ", "th"]);
});
