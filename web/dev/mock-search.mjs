// The two Algolia calls over the invented documents: prefix matching and facets, enough to draw a page.
import { documents } from "./mock-documents.mjs";

const words = (text) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

function score(document, query) {
  const fields = [document.title, document.people.join(" "), document.path ?? "", document.body].map(words);
  let total = 0;
  for (const word of query) {
    const field = fields.findIndex((list) => list.some((each) => each.startsWith(word)));
    if (field < 0) return -1;
    total += 4 - field;
  }
  return total;
}

export function marksOf(text, query) {
  const list = words(query);
  if (list.length === 0) return [];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${list.join("|")})`, "giu");
  return [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}

function mark(text, query, pre, post) {
  let out = "";
  let at = 0;
  const found = marksOf(text, query);
  for (const [from, to] of found) {
    out += text.slice(at, from) + pre + text.slice(from, to) + post;
    at = to;
  }
  return { value: out + text.slice(at), matchLevel: found.length > 0 ? "full" : "none", matchedWords: [] };
}

function passes(document, facetFilters, numericFilters) {
  for (const group of facetFilters) {
    const any = (Array.isArray(group) ? group : [group]).some((each) => {
      const [, attribute, value] = /^([^:]+):(.*)$/s.exec(each) ?? [];
      return [document[attribute]].flat().some((own) => String(own).toLowerCase() === value?.toLowerCase());
    });
    if (!any) return false;
  }
  for (const each of numericFilters) {
    const [, attribute, value] = /^(\w+)>=(\d+)$/.exec(each) ?? [];
    if (attribute && document[attribute] < Number(value)) return false;
  }
  return true;
}

function one(request) {
  const params = { ...request };
  for (const [name, value] of new URLSearchParams(request.params ?? "")) {
    try {
      params[name] = JSON.parse(value);
    } catch {
      params[name] = value;
    }
  }
  const query = String(params.query ?? "");
  const pre = params.highlightPreTag ?? "<em>";
  const post = params.highlightPostTag ?? "</em>";
  const matching = documents
    .filter((document) =>
      passes(document, [params.facetFilters ?? []].flat(1), [params.numericFilters ?? []].flat()),
    )
    .map((document) => ({ document, score: score(document, words(query)) }))
    .filter((each) => each.score >= 0)
    .sort((a, b) => b.score - a.score || b.document.changed_at - a.document.changed_at)
    .map((each) => each.document);
  const facets = {};
  for (const attribute of [params.facets ?? []].flat()) {
    const counts = {};
    for (const document of matching) {
      for (const value of [document[attribute] ?? []].flat()) counts[value] = (counts[value] ?? 0) + 1;
    }
    facets[attribute] = counts;
  }
  const size = params.hitsPerPage ?? 20;
  const page = params.page ?? 0;
  const hits = matching.slice(page * size, page * size + size).map(({ body, ...document }) => {
    const first = marksOf(body, query)[0]?.[0] ?? 0;
    const context = body.slice(Math.max(0, first - 40), first + 140).replace(/\s+/g, " ");
    return {
      ...document,
      _highlightResult: {
        title: mark(document.title, query, pre, post),
        ...(document.path ? { path: mark(document.path, query, pre, post) } : {}),
        people: document.people.map((each) => mark(each, query, pre, post)),
      },
      _snippetResult: { body: mark(`${first > 40 ? "…" : ""}${context}…`, query, pre, post) },
    };
  });
  return {
    hits,
    nbHits: matching.length,
    page,
    nbPages: Math.ceil(matching.length / Math.max(1, size)),
    hitsPerPage: size,
    query,
    index: params.indexName,
    params: "",
    facets,
    exhaustiveNbHits: true,
    exhaustiveFacetsCount: true,
    processingTimeMS: 3,
  };
}

export const searchAll = (body) => ({ results: body.requests.map(one) });
