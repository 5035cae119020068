// Which page a path is, and where a sign-in may lead.
import { expect, test } from "vitest";
import { safeNext } from "./pages/sign-in/next";
import { matchPath } from "./router";

test("a path matches its pattern as a whole", () => {
  expect(matchPath("/", "/")).toEqual({});
  expect(matchPath("/sources/:id", "/sources/7")).toEqual({ id: "7" });
  expect(matchPath("/sources/:id", "/sources/7/")).toEqual({ id: "7" });
  expect(matchPath("/setup/:token", "/setup/a%20b")).toEqual({ token: "a b" });
  expect(matchPath("/sources/:id", "/sources")).toBeNull();
  expect(matchPath("/sources", "/sources/7")).toBeNull();
});

test("a broken escape is no match instead of an error", () => {
  expect(matchPath("/setup/:token", "/setup/%E0%A4%A")).toBeNull();
});

test("a sign-in leads only to pages of its own", () => {
  expect(safeNext("/sources?sort=name")).toBe("/sources?sort=name");
  for (const elsewhere of [
    null,
    "",
    "https://example.org",
    "//example.org",
    "/\\example.org",
    "javascript:alert(1)",
  ]) {
    expect(safeNext(elsewhere)).toBe("/");
  }
  expect(safeNext("/sign-in?next=/keys")).toBe("/");
});
