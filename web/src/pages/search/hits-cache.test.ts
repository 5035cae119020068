// The pages of hits belong to one search, and can be forgotten.
import { expect, test } from "vitest";
import { hitsCache } from "./hits-cache";

const FIRST = { 0: [] };

test("pages are those of one search, whatever the order of its parameters", () => {
  const cache = hitsCache();
  const refined = { kind: ["pdf"], source: [] };
  cache.write({ state: { query: "a", disjunctiveFacetsRefinements: refined, page: 0 }, hits: FIRST });
  const again = { source: [], kind: ["pdf"] };
  expect(cache.read({ state: { page: 3, disjunctiveFacetsRefinements: again, query: "a" } })).toBe(FIRST);
  expect(cache.read({ state: { query: "a", page: 0 } })).toBe(null);
  expect(cache.read({ state: { query: "b", disjunctiveFacetsRefinements: refined } })).toBe(null);
});

test("what was forgotten is not there", () => {
  const cache = hitsCache();
  cache.write({ state: { query: "a" }, hits: FIRST });
  cache.clear();
  expect(cache.read({ state: { query: "a" } })).toBe(null);
});
