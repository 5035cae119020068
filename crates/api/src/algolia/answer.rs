//! The answers: exactly the keys that clients read, and never `_automaticInsights`, which makes InstantSearch load a
//! script from elsewhere.

use std::collections::BTreeMap;

use index::{Attribute, Facet, FacetCount, FacetStats, Highlighted, Hit, SearchResponse, Tags};
use serde_json::{Map, Value as Json, json};

use super::names::SourceNames;
use super::parameters::{Asked, FacetAsked};
use super::wire::encoded;

/// The answer to one element.
pub(crate) fn result(asked: &Asked, found: SearchResponse, names: &SourceNames, took_ms: i64) -> Json {
    if let Some(facet) = &asked.facet {
        return facet_result(facet, found, names, took_ms);
    }
    let size = asked.size as u64;
    // Pages beyond the depth that can be asked for are not offered.
    let reachable = found.nb_hits.min(index::DEPTH_MAX as u64);
    let pages = if size == 0 { 0 } else { reachable.div_ceil(size) };
    let (facets, stats) = facet_counts(found.facets, names);
    let hits: Vec<Json> = found.hits.into_iter().map(|hit| one_hit(asked, hit, names)).collect();
    let mut result = json!({
        "hits": hits,
        "nbHits": found.nb_hits,
        "page": asked.page,
        "nbPages": pages,
        "hitsPerPage": size,
        "exhaustive": { "nbHits": true, "typo": true, "facetsCount": true },
        "exhaustiveNbHits": true,
        "exhaustiveTypo": true,
        "exhaustiveFacetsCount": true,
        "query": asked.request.query,
        "params": encoded(&asked.params),
        "index": asked.index,
        "processingTimeMS": took_ms,
        "serverTimeMS": took_ms,
        "processingTimingsMS": { "total": took_ms },
        "renderingContent": {},
    });
    if let Json::Object(result) = &mut result {
        if !asked.request.facets.is_empty() {
            result.insert("facets".to_owned(), facets);
            if stats != json!({}) {
                result.insert("facets_stats".to_owned(), stats);
            }
        }
        if asked.params.contains_key("offset") && asked.params.contains_key("length") {
            result.insert("offset".to_owned(), asked.request.offset.into());
            result.insert("length".to_owned(), size.into());
        }
    }
    result
}

fn one_hit(asked: &Asked, hit: Hit, names: &SourceNames) -> Json {
    let mut all = Map::new();
    let mut show = |name: &str, value: Json| {
        if asked.retrieve.shows(name) && !value.is_null() {
            all.insert(name.to_owned(), value);
        }
    };
    show("title", hit.title.into());
    show("kind", hit.kind.into());
    show("url", hit.url.into());
    show("path", hit.path.into());
    show("people", hit.people.into());
    show("source", names.name(hit.source).into());
    show("source_id", hit.source.0.into());
    show("stream", hit.stream.into());
    show("created_at", hit.created_at.map(|at| at.0).into());
    show("changed_at", hit.changed_at.map(|at| at.0).into());
    show("body", hit.body.into());
    for (name, values) in hit.facets {
        if !OWN.contains(&name.as_str()) {
            show(&name, values.into());
        }
    }
    all.insert("objectID".to_owned(), hit.record.to_string().into());
    if asked.request.highlight.is_some() {
        all.insert("_highlightResult".to_owned(), highlights(hit.highlights));
    }
    if let Some(snippet) = hit.snippet {
        let leaf = json!({ "value": snippet.value, "matchLevel": snippet.match_level.name() });
        all.insert("_snippetResult".to_owned(), json!({ "body": leaf }));
    }
    if asked.with_ranking {
        let ranking = json!({
            "nbTypos": hit.ranking.typos,
            "firstMatchedWord": hit.ranking.attribute * 1_000,
            "proximityDistance": hit.ranking.proximity,
            "userScore": 0,
            "geoDistance": 0,
            "geoPrecision": 1,
            "nbExactWords": hit.ranking.exact,
            "words": hit.ranking.words,
            "filters": 0,
            "promoted": false,
        });
        all.insert("_rankingInfo".to_owned(), ranking);
    }
    Json::Object(all)
}

/// Names that a document's own facets can't take in a hit.
const OWN: [&str; 15] = [
    "objectID",
    "title",
    "kind",
    "url",
    "path",
    "people",
    "source",
    "source_id",
    "stream",
    "created_at",
    "changed_at",
    "body",
    "_highlightResult",
    "_snippetResult",
    "_rankingInfo",
];

fn highlights(found: BTreeMap<Attribute, Vec<Highlighted>>) -> Json {
    let mut all = Map::new();
    for (attribute, values) in found {
        let mut leaves: Vec<Json> = values.iter().map(leaf).collect();
        let value = match attribute {
            Attribute::People => Json::Array(leaves),
            _ => leaves.pop().unwrap_or_default(),
        };
        all.insert(attribute.name().to_owned(), value);
    }
    Json::Object(all)
}

fn leaf(found: &Highlighted) -> Json {
    let mut leaf = json!({
        "value": found.value,
        "matchLevel": found.match_level.name(),
        "matchedWords": found.matched_words,
    });
    if found.match_level != index::MatchLevel::None
        && let Json::Object(leaf) = &mut leaf
    {
        leaf.insert("fullyHighlighted".to_owned(), found.fully_highlighted.into());
    }
    leaf
}

fn facet_counts(found: Vec<Facet>, names: &SourceNames) -> (Json, Json) {
    let (mut facets, mut stats) = (Map::new(), Map::new());
    for facet in found {
        if let Some(FacetStats { min, max, avg, sum }) = facet.stats
            && facet.name != "source"
        {
            let figures = json!({ "min": plain(min), "max": plain(max), "avg": plain(avg), "sum": plain(sum) });
            stats.insert(facet.name.clone(), figures);
        }
        let mut counts = Map::new();
        for value in named(&facet.name, facet.values, names) {
            counts.insert(value.value, value.count.into());
        }
        facets.insert(facet.name, Json::Object(counts));
    }
    (Json::Object(facets), Json::Object(stats))
}

/// Whole numbers without a fraction, as clients show them.
fn plain(number: f64) -> Json {
    if number.fract().abs() > 0.0 || number.abs() >= 9e15 {
        return number.into();
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough")]
    let whole = number as i64;
    whole.into()
}

/// The values of a facet, sources by their names: those of one name are counted together.
fn named(facet: &str, values: Vec<FacetCount>, names: &SourceNames) -> Vec<FacetCount> {
    if facet != "source" {
        return values;
    }
    let mut merged: Vec<FacetCount> = Vec::with_capacity(values.len());
    for value in values {
        let Some(name) = names.name_of_text(&value.value) else {
            continue;
        };
        match merged.iter_mut().find(|one| one.value == name) {
            Some(same) => same.count += value.count,
            None => merged.push(FacetCount {
                value: name.to_owned(),
                ..value
            }),
        }
    }
    merged.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    merged
}

fn facet_result(asked: &FacetAsked, found: SearchResponse, names: &SourceNames, took_ms: i64) -> Json {
    let values = found
        .facets
        .into_iter()
        .next()
        .map(|facet| facet.values)
        .unwrap_or_default();
    let is_source = asked.name == "source";
    let mut hits = Vec::new();
    for value in named(&asked.name, values, names) {
        let highlighted = if is_source {
            match marked(&value.value, &asked.query, &asked.tags) {
                Some(marked) => marked,
                None => continue,
            }
        } else {
            // The index marks with its own tags.
            let own = Tags::default();
            let marked = value.highlighted.unwrap_or_else(|| value.value.clone());
            marked
                .replace(&own.pre, &asked.tags.pre)
                .replace(&own.post, &asked.tags.post)
        };
        hits.push(json!({ "value": value.value, "highlighted": highlighted, "count": value.count }));
        if hits.len() >= asked.hits_max {
            break;
        }
    }
    json!({
        "facetHits": hits,
        "exhaustiveFacetsCount": true,
        "exhaustive": { "facetsCount": true },
        "processingTimeMS": took_ms,
    })
}

/// A name in which every word that was typed begins a word, with those beginnings marked; `None` where one does not.
fn marked(name: &str, query: &str, tags: &Tags) -> Option<String> {
    let lower = name.to_lowercase();
    // Lower-casing that moves bytes would mark the wrong ones; such names are found and not marked.
    let can_mark = lower.len() == name.len();
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for word in query.to_lowercase().split_whitespace() {
        let starts = lower.char_indices().filter(|(at, _)| {
            let before = lower[..*at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric())
        });
        let at = starts.map(|(at, _)| at).find(|at| lower[*at..].starts_with(word))?;
        marks.push((at, at + word.len()));
    }
    marks.sort_unstable();
    let mut out = String::with_capacity(name.len() + 16);
    let mut from = 0;
    for (start, end) in marks {
        if !can_mark || start < from || !name.is_char_boundary(start) || !name.is_char_boundary(end) {
            continue;
        }
        out.push_str(&name[from..start]);
        out.push_str(&tags.pre);
        out.push_str(&name[start..end]);
        out.push_str(&tags.post);
        from = end;
    }
    out.push_str(&name[from..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    //! Names that are marked.

    use index::Tags;

    use super::marked;

    #[test]
    fn beginnings_of_words_are_marked() {
        let marked = |name, query| marked(name, query, &Tags::default());
        assert_eq!(marked("Finance drive", "dr").as_deref(), Some("Finance <em>dr</em>ive"));
        assert_eq!(
            marked("Finance drive", "DR fin").as_deref(),
            Some("<em>Fin</em>ance <em>dr</em>ive")
        );
        assert_eq!(marked("Finance drive", "").as_deref(), Some("Finance drive"));
        assert_eq!(marked("Finance drive", "ance"), None);
        assert_eq!(marked("İstanbul", "i").as_deref(), Some("İstanbul"));
        assert_eq!(marked("Ä ä", "ä ä").as_deref(), Some("<em>Ä</em> ä"));
    }
}
