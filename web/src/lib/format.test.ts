// Numbers and times as people read them.
import { expect, test } from "vitest";
import { ago, bytes, clockTime, cursorText, duration, initials, plural } from "./format";

test("times are told from now", () => {
  const now = Date.UTC(2026, 2, 1, 12);
  expect(ago(now - 3_000, now)).toBe("now");
  expect(ago(now - 42_000, now)).toBe("42 s ago");
  expect(ago(now - 90_000, now)).toBe("1 min ago");
  expect(ago(now + 25 * 60_000, now)).toBe("in 25 min");
  expect(ago(now + 7 * 86_400_000 - 1_500, now)).toBe("in 7 d");
  expect(ago(now + 90 * 86_400_000 - 1_500, now)).toBe("in 3 mo");
  expect(ago(now + 3_600_000 - 1_500, now)).toBe("in 1 h");
  expect(ago(now - 2 * 86_400_000, now)).toBe("2 d ago");
  expect(ago(now - 400 * 86_400_000, now)).toBe("13 mo ago");
  expect(ago(now - 10 * 365.25 * 86_400_000, now)).toBe("10 y ago");
});

test("what is due at once is told to the second", () => {
  const now = new Date(2026, 2, 1, 12).getTime();
  expect(clockTime(now + 20_000, now)).toBe("12:00:20");
  expect(clockTime(now + 20 * 60_000, now)).toBe("12:20");
  expect(clockTime(now + 30 * 3_600_000, now)).toMatch(/^2 Mar 2026/);
});

test("durations get coarser as they grow", () => {
  expect([850, 31_000, 250_000, 600_000, 7_500_000, 300_000_000].map(duration)).toEqual([
    "850 ms",
    "31 s",
    "4 min 10 s",
    "10 min",
    "2 h 5 min",
    "3 days",
  ]);
});

test("sizes have units", () => {
  expect([0, 999, 1500, 3_402_112_000].map(bytes)).toEqual(["0 B", "999 B", "1.5 kB", "3.4 GB"]);
});

test("one is not many", () => {
  expect([plural(1, "hit"), plural(0, "hit"), plural(4210, "match", "matches")]).toEqual([
    "1 hit",
    "0 hits",
    "4,210 matches",
  ]);
});

test("initials survive odd names", () => {
  expect([initials("Ada Fisher"), initials(""), initials("  bo "), initials("עדה כהן")]).toEqual([
    "AF",
    "",
    "B",
    "עכ",
  ]);
});

test("cursors are told without their braces", () => {
  expect([
    cursorText(null),
    cursorText("2026-01-05"),
    cursorText({ page: 3 }),
    cursorText({ a: 1, b: 2 }),
  ]).toEqual(["–", "2026-01-05", "3", '{"a":1,"b":2}']);
  expect(cursorText({ since: 1_795_249_981_623 })).toMatch(/2026/);
  expect(cursorText('{"since":1795249981623}')).toMatch(/2026/);
  expect(cursorText("{not closed")).toBe("{not closed");
});
