// Reading a JSON schema as a form: its fields in order, their first values, and which of them are secrets.
import type { JsonSchema } from "../api/types";

export type Config = Record<string, unknown>;

export interface SchemaField {
  name: string;
  schema: JsonSchema;
  required: boolean;
}

/** The fields of an object's schema: by `order`, then as written. Hidden ones are left out. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): SchemaField[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {})
    .map(([name, each]) => ({ name, schema: resolve(each, root), required: required.has(name) }))
    .filter((field) => !field.schema.airbyte_hidden)
    .map((field, at) => ({ field, rank: field.schema.order ?? 1000 + at }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ field }) => field);
}

/** Follows `#/definitions/x` inside the same schema, a few steps at most. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let current = schema;
  for (let step = 0; step < 8 && typeof current.$ref === "string"; step += 1) {
    if (!current.$ref.startsWith("#/")) break;
    let target: unknown = root;
    for (const part of current.$ref.slice(2).split("/")) target = (target as Record<string, unknown>)?.[part];
    if (typeof target !== "object" || target === null) break;
    current = target as JsonSchema;
  }
  return current;
}

export function typeOf(schema: JsonSchema): string {
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;
  if (type) return type;
  if (schema.properties) return "object";
  return schema.items ? "array" : "string";
}

export function isSecret(schema: JsonSchema): boolean {
  return schema.airbyte_secret === true || schema.format === "password" || schema.writeOnly === true;
}

/** Whether a number counts bytes, which people don't. */
export function isByteCount(field: SchemaField): boolean {
  return field.name.endsWith("_bytes");
}

/** A field's name in words, where the schema gives none: `start_date` becomes `Start date`. */
export function titleOf(name: string, schema: JsonSchema): string {
  if (schema.title) return schema.title;
  const words = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The alternatives of a `oneOf`/`anyOf` of objects; empty where there is no choice. */
export function variantsOf(schema: JsonSchema): JsonSchema[] {
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  return variants.every((each) => typeOf(each) === "object") ? variants : [];
}

/** Which alternative a value is: the one whose constants it has. */
export function variantIndex(variants: JsonSchema[], value: unknown): number {
  const own = (value ?? {}) as Config;
  const at = variants.findIndex((variant) => {
    const constants = Object.entries(variant.properties ?? {}).filter(([, each]) => each.const !== undefined);
    return constants.length > 0 && constants.every(([name, each]) => own[name] === each.const);
  });
  return Math.max(0, at);
}

/** The first value of a schema: its defaults and constants. */
export function initialConfig(schema: JsonSchema, root: JsonSchema = schema): Config {
  const config: Config = {};
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    const field = resolve(each, root);
    const variants = variantsOf(field);
    if (field.const !== undefined) config[name] = field.const;
    else if (field.default !== undefined) config[name] = structuredClone(field.default);
    else if (variants[0]) config[name] = initialConfig(variants[0], root);
    else if (typeOf(field) === "object" && field.properties) config[name] = initialConfig(field, root);
  }
  return config;
}

export interface SplitConfig {
  config: Config;
  /** Dotted path to value, such as `credentials.api_key`. */
  secrets: Record<string, unknown>;
}

/** Parts what may be stored in the open from what is sealed. Empty values are left out. */
export function splitSecrets(
  schema: JsonSchema,
  value: Config,
  root: JsonSchema = schema,
  path = "",
): SplitConfig {
  const out: SplitConfig = { config: {}, secrets: {} };
  const properties = schema.properties ?? {};
  for (const [name, own] of Object.entries(value)) {
    const field = resolve(properties[name] ?? {}, root);
    if (Array.isArray(own) && typeOf(field) === "array") {
      const lines = own
        .map((each) => (typeof each === "string" ? each.trim() : each))
        .filter((each) => each !== "");
      if (lines.length > 0) out.config[name] = lines;
      continue;
    }
    if (own === undefined || own === "") continue;
    if (isSecret(field)) {
      out.secrets[path + name] = own;
      continue;
    }
    const variants = variantsOf(field);
    const inner = variants.length > 0 ? variants[variantIndex(variants, own)] : field;
    if (inner?.properties && typeof own === "object" && own !== null) {
      const parted = splitSecrets(inner, own as Config, root, `${path}${name}.`);
      out.config[name] = parted.config;
      Object.assign(out.secrets, parted.secrets);
    } else out.config[name] = own;
  }
  return out;
}
