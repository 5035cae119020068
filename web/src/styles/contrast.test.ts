// Every text colour on every ground it stands on, in both themes, has a contrast of at least 4.5 to 1.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1], match[2]?.trim() ?? ""]),
);

const GROUNDS = ["bg", "bg-sunk", "bg-hover", "selected"];
const TEXTS = ["text", "text-2", "accent", "success", "warning", "danger", "info"];
const PAIRS = [
  ...TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)),
  ["text", "match"],
  ["text-2", "match"],
  ["on-accent", "accent-fill"],
  ["on-accent", "danger-fill"],
  ["n0", "n9"],
] as const;
/** Borders of controls and the focus ring: 3 to 1 is asked of what is not text. */
const EDGES = [
  ["line-strong", "bg"],
  ["accent", "bg"],
  ["accent-fill", "bg"],
] as const;

function hex(name: string, theme: 0 | 1): string {
  const value = tokens.get(name) ?? "";
  const alias = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (alias) return hex(alias, theme);
  const both = /^light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)$/.exec(value);
  if (!both) throw new Error(`--${name}: \`${value}\` is not light-dark(#rrggbb, #rrggbb)`);
  return both[theme + 1] ?? "";
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function tooLow(pairs: readonly (readonly [string, string])[], least: number): string[] {
  const low: string[] = [];
  for (const theme of [0, 1] as const) {
    for (const [text, ground] of pairs) {
      const found = contrast(hex(text, theme), hex(ground, theme));
      if (found < least)
        low.push(`${theme ? "dark" : "light"}: --${text} on --${ground} is ${found.toFixed(2)}`);
    }
  }
  return low;
}

test("text stands out from its ground in both themes", () => {
  expect(tooLow(PAIRS, 4.5)).toEqual([]);
});

test("controls stand out from the page in both themes", () => {
  expect(tooLow(EDGES, 3)).toEqual([]);
});

test("black on white is 21 to 1", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 1);
});
