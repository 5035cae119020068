// A saved form sends what was changed, and nothing else.
import { expect, test } from "vitest";
import type { JsonSchema } from "../../api/types";
import { changes, type Settings } from "./settings";

const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    url: { type: "string" },
    lists: { type: "array", items: { type: "string" } },
    token: { type: "string", airbyte_secret: true },
  },
};

const LOADED: Settings = {
  name: "Tracker",
  visibility: { to: "groups", groups: [3, 1] },
  owner: 7,
  schedule: { every_ms: 3_600_000 },
  config: { url: "https://example.org", lists: ["a", "b"] },
  manifest: "",
  mapping: "title: name",
};

const sent = (part: Partial<Settings>) => changes(LOADED, SCHEMA, { ...LOADED, ...part }, SCHEMA);

test("a form that was only looked at changes nothing", () => {
  expect(sent({})).toEqual({});
  expect(sent({ config: { url: "https://example.org", lists: ["a", "b", ""], token: "" } })).toEqual({});
});

test("each setting is sent alone", () => {
  expect(sent({ name: "Board" })).toEqual({ name: "Board" });
  expect(sent({ visibility: { to: "everyone" } })).toEqual({ visibility: { to: "everyone" } });
  expect(sent({ owner: 8 })).toEqual({ owner: 8 });
  expect(sent({ schedule: null })).toEqual({ schedule: null });
  expect(sent({ mapping: "" })).toEqual({ search: null });
});

test("a changed configuration is sent whole, a secret apart from it", () => {
  expect(sent({ config: { ...LOADED.config, url: "https://example.net" } })).toEqual({
    config: { url: "https://example.net", lists: ["a", "b"] },
  });
  expect(sent({ config: { ...LOADED.config, token: "t0ken" } })).toEqual({ secrets: { token: "t0ken" } });
});
