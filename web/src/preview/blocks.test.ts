// How a document's text is parted.
import { expect, test } from "vitest";
import {
  type Block,
  lineNumber,
  mailBlocks,
  markdownBlocks,
  reflowed,
  type Stretch,
  sheetBlocks,
} from "./blocks";

/** The blocks with their stretches as text. */
function shown(text: string, blocks: Block[]): unknown[] {
  const cut = ([from, to]: Stretch) => text.slice(from, to);
  return blocks.map((block) => {
    if (block.type === "facts") return block.facts.map(({ name, value }) => `${cut(name)}=${cut(value)}`);
    if (block.type !== "table") return `${block.type}: ${cut(block.at)}`;
    return {
      name: block.name && cut(block.name),
      head: block.head?.map(cut),
      rows: block.rows.map((row) => row.map(cut)),
    };
  });
}
const markdown = (text: string) => shown(text, markdownBlocks(text, 0, text.length));
const sheet = (text: string) => shown(text, sheetBlocks(text, 0, text.length));
const mail = (text: string) => shown(text, mailBlocks(text, 0, text.length));

test("a table of Markdown is a table, what stands around it is text", () => {
  expect(
    markdown("Before\n\n| flag | does |\n| --- | :-: |\n| -v | says more |\n| -q | |\n\nAfter\n"),
  ).toEqual([
    "text: Before",
    {
      name: null,
      head: ["flag", "does"],
      rows: [
        ["-v", "says more"],
        ["-q", ""],
      ],
    },
    "text: After",
  ]);
});

test("bars without a rule below them stay text, a masked bar parts no cells", () => {
  expect(markdown("| not a table |\nsays nothing")).toEqual(["text: | not a table |\nsays nothing"]);
  expect(markdown("|a\\|b|c\n|-|-\n|1|2")).toEqual([
    { name: null, head: ["a\\|b", "c"], rows: [["1", "2"]] },
  ]);
});

test("a table at the very end, cut short, and none at all", () => {
  expect(markdown("|a|\n|-|")).toEqual([{ name: null, head: ["a"], rows: [] }]);
  expect(markdown("")).toEqual([]);
  expect(markdown("|")).toEqual(["text: |"]);
});

test("a stretch of a text is parted like the whole", () => {
  const text = "long ago\n|a|b|\n|-|-|\n|1|2|\nlater";
  expect(shown(text, markdownBlocks(text, 9, text.length))).toEqual([
    { name: null, head: ["a", "b"], rows: [["1", "2"]] },
    "text: later",
  ]);
});

test("each sheet is a table under its name", () => {
  expect(sheet("Budget\nItem\tQ1\nRent\t12\n\nPeople\nName\tRole\nKim\t")).toEqual([
    { name: "Budget", head: ["Item", "Q1"], rows: [["Rent", "12"]] },
    { name: "People", head: ["Name", "Role"], rows: [["Kim", ""]] },
  ]);
});

test("a list of rows has no name, one column is a table, too", () => {
  expect(sheet("item\tamount\nfee\t12")).toEqual([
    { name: null, head: ["item", "amount"], rows: [["fee", "12"]] },
  ]);
  expect(sheet("name\nRobin\nKim")).toEqual([{ name: null, head: ["name"], rows: [["Robin"], ["Kim"]] }]);
  expect(sheet("")).toEqual([]);
});

test("a mail's head is told from its body, and what it quotes from what it says", () => {
  expect(
    mail(
      "From: A <a@example.org>\nTo: B\nDate: 2026-03-02T10:15:00+01:00\n\nHello\n\nyou\n\n> old\n>> older\n\nBye\n\nAttachments: a.pdf",
    ),
  ).toEqual([
    ["From=A <a@example.org>", "To=B", "Date=2026-03-02T10:15:00+01:00"],
    "text: Hello\n\nyou",
    "quote: > old\n>> older",
    "text: Bye",
    ["Attachments=a.pdf"],
  ]);
});

const BROKEN = `Answers are on standard output; progress, hints and errors go to the
other one. Long work shows how far it has come, now and then, and at
the end what it has done, so that nobody has to ask what became of a
long one.

fossick source list
fossick serve

- a point that is as long as the lines of the paragraphs above it are
- another`;

test("lines that were broken to fit a width flow again, at the same length", () => {
  const flowing = reflowed(BROKEN);
  expect(flowing.split("\n")).toEqual([
    BROKEN.split("\n").slice(0, 4).join(" "),
    "",
    "fossick source list",
    "fossick serve",
    "",
    "- a point that is as long as the lines of the paragraphs above it are",
    "- another",
  ]);
  expect(flowing.length).toBe(BROKEN.length);
});

test("a text that was not broken stays as it is", () => {
  for (const text of [
    "fossick source add http --name Tracker --manifest manifest.yaml --config c.json\nfossick source list",
    "short\nlines\nof a poem",
    `${"x".repeat(300)}\nand the rest`,
    "",
    "\n\n",
  ]) {
    expect(reflowed(text)).toBe(text);
  }
});

test("lines are counted from one", () => {
  expect(lineNumber("a\nb\nc", 0)).toBe(1);
  expect(lineNumber("a\nb\nc", 4)).toBe(3);
});
