// Reads a manifest as it is typed: errors with their line, and the form that its own description asks for.
import { LineCounter, parseDocument } from "yaml";
import type { JsonSchema } from "../api/types";

export interface ReadManifest {
  /** What is wrong with it as YAML, with the line to go to. */
  errors: { line: number; message: string }[];
  /** The schema of its configuration; an empty object's where it has none. */
  schema: JsonSchema;
  streams: string[];
  title: string | null;
}

const NOTHING: JsonSchema = { type: "object", properties: {} };
/** An alias bomb unfolds to more than this many nodes. */
const ALIASES_MAX = 1000;

export function readManifest(text: string): ReadManifest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  const errors = document.errors.slice(0, 5).map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    message: error.message,
  }));
  if (errors.length > 0) return { errors, schema: NOTHING, streams: [], title: null };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { errors: [{ line: 1, message }], schema: NOTHING, streams: [], title: null };
  }
  if (!isObject(value)) {
    const message = text.trim() === "" ? "it is empty" : "it has to be a mapping, such as `version: …`";
    return { errors: [{ line: 1, message }], schema: NOTHING, streams: [], title: null };
  }
  const spec = isObject(value.spec) ? value.spec : {};
  const described = spec.connection_specification ?? spec.connectionSpecification;
  return {
    errors: [],
    schema: isObject(described) ? (described as JsonSchema) : NOTHING,
    streams: streamNames(value),
    title:
      typeof described === "object" && described !== null ? ((described as JsonSchema).title ?? null) : null,
  };
}

function streamNames(manifest: Record<string, unknown>): string[] {
  const list = Array.isArray(manifest.streams) ? manifest.streams : [];
  return list.map((stream, at) => {
    if (isObject(stream)) {
      if (typeof stream.name === "string") return stream.name;
      if (typeof stream.$ref === "string") return stream.$ref.split("/").at(-1) ?? "";
    }
    return typeof stream === "string" ? (stream.split("/").at(-1) ?? stream) : `stream ${at + 1}`;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
