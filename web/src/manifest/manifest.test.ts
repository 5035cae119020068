// Manifests are pasted by people and written by strangers.
import { expect, test } from "vitest";
import { readManifest } from "./manifest";

test("the form's schema and the streams are read from the manifest", () => {
  const read = readManifest(`
version: 6.0.0
streams:
  - name: issues
  - $ref: "#/definitions/streams/comments"
spec:
  type: Spec
  connection_specification:
    type: object
    properties:
      token: { type: string, airbyte_secret: true }
`);
  expect(read.errors).toEqual([]);
  expect(read.streams).toEqual(["issues", "comments"]);
  expect(read.schema.properties?.token?.airbyte_secret).toBe(true);
});

test("a mistake in the YAML is named with its line", () => {
  const read = readManifest("version: 1\nstreams:\n  - name: a\n bad: [\n");
  expect(read.errors.length).toBeGreaterThan(0);
  expect(read.errors[0]?.line).toBeGreaterThanOrEqual(4);
});

test("what is not a mapping is refused in words", () => {
  expect(readManifest("").errors[0]?.message).toBe("it is empty");
  expect(readManifest("- a\n- b").errors[0]?.message).toContain("mapping");
});

test("aliases that unfold without end are refused", () => {
  const layers = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (const [at, name] of [..."bcdefg"].entries()) {
    const below = "abcdefg"[at];
    layers.push(
      `${name}: &${name} [*${below},*${below},*${below},*${below},*${below},*${below},*${below},*${below}]`,
    );
  }
  expect(readManifest(layers.join("\n")).errors).toHaveLength(1);
});

test("a manifest without a description of its configuration has an empty form", () => {
  expect(readManifest("version: 1\nspec: none").schema).toEqual({ type: "object", properties: {} });
});
