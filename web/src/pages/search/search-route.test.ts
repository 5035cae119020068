// A search survives the way through the address bar.
import { expect, test } from "vitest";
import { readRoute, routePath } from "./search-route";

test("a search reads back as it was written", () => {
  const route = { q: "rechnung & märz", filters: { source: ["Drive", "A+B"], people: ["עדה"] } };
  const path = routePath(route, "");
  expect(readRoute(path.slice(path.indexOf("?")))).toEqual(route);
});

test("an empty search is the bare page", () => {
  expect(routePath({ q: "", filters: {} }, "?q=old&in=Drive")).toBe("/");
});

test("what else stands in the query string is kept", () => {
  expect(routePath({ q: "x", filters: {} }, "?changed=week&q=old")).toBe("/?q=x&changed=week");
});
