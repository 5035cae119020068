// What becomes a filter, and what stays text.
import { expect, test } from "vitest";
import { completions, parseOperators, resolveValue } from "./operators";

test("an operator becomes a filter once a space ends it", () => {
  expect(parseOperators("invoice in:drive march")).toEqual({
    text: "invoice march",
    query: "invoice march",
    filters: [{ attribute: "source", value: "drive" }],
    pending: null,
  });
});

test("an operator that is still being typed is neither searched nor a filter", () => {
  expect(parseOperators("invoice from:ad")).toEqual({
    text: "invoice from:ad",
    query: "invoice",
    filters: [],
    pending: { attribute: "people", value: "ad" },
  });
});

test("quotes hold a value with spaces together", () => {
  expect(parseOperators('from:"Ada Fisher"').filters).toEqual([{ attribute: "people", value: "Ada Fisher" }]);
  expect(parseOperators('from:"Ada Fi').pending).toEqual({ attribute: "people", value: "Ada Fi" });
});

test("several operators are taken at once and letter case does not matter", () => {
  const parsed = parseOperators("IN:drive kind:pdf rest");
  expect(parsed.text).toBe("rest");
  expect(parsed.filters.map((filter) => filter.value)).toEqual(["drive", "pdf"]);
});

test("text that only looks similar stays text", () => {
  for (const text of [
    "login:page done",
    "http://in:80 x",
    "in : drive ",
    "type:pdf x",
    "",
    "  two  spaces ",
  ]) {
    expect(parseOperators(text)).toEqual({ text, query: text, filters: [], pending: null });
  }
});

test("an operator without a value stays text", () => {
  expect(parseOperators('in:"" x').filters).toEqual([]);
});

test("a value is found by its beginning, without regard to case and accents", () => {
  const known = ["Drive", "Datei-Ablage", "Émile"];
  expect(completions("d", known)).toEqual(["Drive", "Datei-Ablage"]);
  expect(completions("ablage", known)).toEqual(["Datei-Ablage"]);
  expect(resolveValue("emi", known)).toBe("Émile");
  expect(resolveValue("drive", ["Drive two", "Drive"])).toBe("Drive");
  expect(resolveValue("nowhere", known)).toBe("nowhere");
});
