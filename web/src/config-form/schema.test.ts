// Configuration forms come from schemas of strangers.
import { expect, test } from "vitest";
import type { JsonSchema } from "../api/types";
import { fieldsOf, initialConfig, resolve, splitSecrets, titleOf, variantIndex, variantsOf } from "./schema";

const spec: JsonSchema = {
  type: "object",
  required: ["repository"],
  properties: {
    start_date: { type: "string", order: 2 },
    repository: { type: "string", order: 0 },
    page_size: { type: "integer", default: 50 },
    hidden: { type: "string", airbyte_hidden: true },
    credentials: {
      type: "object",
      order: 1,
      oneOf: [
        { properties: { kind: { const: "token" }, api_key: { type: "string", airbyte_secret: true } } },
        { properties: { kind: { const: "basic" }, user: {}, password: { airbyte_secret: true } } },
      ],
    },
  },
};

test("fields come by their order and hidden ones are left out", () => {
  expect(fieldsOf(spec).map((field) => [field.name, field.required])).toEqual([
    ["repository", true],
    ["credentials", false],
    ["start_date", false],
    ["page_size", false],
  ]);
});

test("the first value has defaults and the constants of the first alternative", () => {
  expect(initialConfig(spec)).toEqual({ page_size: 50, credentials: { kind: "token" } });
});

test("an alternative is told by its constants", () => {
  const variants = variantsOf(spec.properties?.credentials ?? {});
  expect(variantIndex(variants, { kind: "basic" })).toBe(1);
  expect(variantIndex(variants, undefined)).toBe(0);
});

test("secrets are parted from the rest, nested ones by their path", () => {
  const value = {
    repository: "a/b",
    start_date: "",
    credentials: { kind: "basic", user: "u", password: "p" },
  };
  expect(splitSecrets(spec, value)).toEqual({
    config: { repository: "a/b", credentials: { kind: "basic", user: "u" } },
    secrets: { "credentials.password": "p" },
  });
});

test("lists lose blank lines on their way", () => {
  const lists: JsonSchema = { properties: { only: { type: "array", items: { type: "string" } } } };
  expect(splitSecrets(lists, { only: [" *.pdf ", "", "  "] }).config).toEqual({ only: ["*.pdf"] });
  expect(splitSecrets(lists, { only: [""] }).config).toEqual({});
});

test("a reference that leads in circles or nowhere ends", () => {
  const root: JsonSchema = { definitions: { a: { $ref: "#/definitions/a" } } };
  expect(resolve({ $ref: "#/definitions/a" }, root)).toEqual({ $ref: "#/definitions/a" });
  expect(resolve({ $ref: "#/nowhere/x" }, root)).toEqual({ $ref: "#/nowhere/x" });
});

test("a name without a title is put in words", () => {
  expect(titleOf("api_key", {})).toBe("Api key");
  expect(titleOf("maxFileSize", {})).toBe("Max file size");
});
