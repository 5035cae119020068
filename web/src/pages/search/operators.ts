// Operators typed into the search box: `in:drive`, `kind:pdf`, `from:"Ada Fisher"` become filters.

export type Attribute = "source" | "kind" | "people";

export const OPERATORS: Record<string, Attribute> = { in: "source", kind: "kind", from: "people" };
export const OPERATOR_OF: Record<Attribute, string> = { source: "in", kind: "kind", people: "from" };

export interface Filter {
  attribute: Attribute;
  value: string;
}

export interface Parsed {
  /** The text with the finished operators taken out; what the box shows. */
  text: string;
  /** What is searched: `text` without the operator that is still being typed. */
  query: string;
  filters: Filter[];
  /** The operator at the end that is still being typed, for its completion. */
  pending: Filter | null;
}

const TOKEN = /(^|\s)(in|kind|from):(?:"([^"]*)"|([^\s"]+)(?=\s))/giu;
const PENDING = /(^|\s)(in|kind|from):("[^"]*|[^\s"]*)$/iu;

/** Takes finished operators out of what was typed. One is finished by a space or a closing quote. */
export function parseOperators(typed: string): Parsed {
  const filters: Filter[] = [];
  const rest = typed.replace(TOKEN, (whole, before: string, name: string, quoted?: string, bare?: string) => {
    const value = (quoted ?? bare ?? "").trim();
    const attribute = OPERATORS[name.toLowerCase()];
    if (!attribute || value === "") return whole;
    filters.push({ attribute, value });
    return before === "" ? "" : " ";
  });
  // Text without operators is left alone, blanks included: the person is in the middle of it.
  const text = filters.length > 0 ? rest.replace(/\s{2,}/g, " ").trimStart() : typed;
  const match = PENDING.exec(text);
  const attribute = match ? OPERATORS[(match[2] ?? "").toLowerCase()] : undefined;
  if (!match || !attribute) return { text, query: text, filters, pending: null };
  return {
    text: text,
    query: text.slice(0, match.index).trimEnd(),
    filters,
    pending: { attribute, value: (match[3] ?? "").replace(/^"/, "") },
  };
}

const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** Known values that what was typed could mean: those that begin with it, then those with a word that does. */
export function completions(typed: string, known: readonly string[]): string[] {
  const wanted = fold(typed);
  if (wanted === "") return [...known];
  const starts = known.filter((value) => fold(value).startsWith(wanted));
  const inside = known.filter(
    (value) =>
      !fold(value).startsWith(wanted) &&
      fold(value)
        .split(/[\s/._-]+/u)
        .some((word) => word.startsWith(wanted)),
  );
  return [...starts, ...inside];
}

/** The known value that is what was typed, but for case and accents. */
export const exactValue = (typed: string, known: readonly string[]): string | undefined =>
  known.find((value) => fold(value) === fold(typed));

/** The known value that a finished operator means, or the text itself when nothing fits. */
export function resolveValue(typed: string, known: readonly string[]): string {
  return exactValue(typed, known) ?? completions(typed, known)[0] ?? typed;
}
