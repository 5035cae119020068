//! A document that was found, made ready to be shown.

use std::collections::BTreeMap;

use model::Document;

use crate::highlight::{highlight, snippet};
use crate::matching::Words;
use crate::{Attribute, Highlighted, Hit, Ranking, SearchRequest};

/// The hit for `document`, with the highlights that `request` asks for.
pub(crate) fn build(document: Document, request: &SearchRequest, words: &Words, ranking: Ranking) -> Hit {
    let mut highlights = BTreeMap::new();
    if let Some(wanted) = &request.highlight {
        for attribute in &wanted.attributes {
            let marked: Vec<Highlighted> = texts(&document, *attribute)
                .map(|text| highlight(text, words, &wanted.tags))
                .collect();
            if !marked.is_empty() {
                highlights.insert(*attribute, marked);
            }
        }
    }
    let snippet = request
        .snippet
        .as_ref()
        .map(|wanted| snippet(&document.body, words, wanted));
    Hit {
        record: document.record,
        revision: document.revision,
        source: document.source,
        stream: document.stream,
        kind: document.kind,
        title: document.title,
        url: document.url,
        path: document.path,
        people: document.people,
        created_at: document.created_at,
        changed_at: document.changed_at,
        facets: document.facets,
        body: request.with_body.then_some(document.body),
        highlights,
        snippet,
        ranking,
    }
}

/// The texts of one attribute.
pub(crate) fn texts(document: &Document, attribute: Attribute) -> impl Iterator<Item = &str> {
    let (one, many): (Option<&str>, &[String]) = match attribute {
        Attribute::Title => (Some(&document.title), &[]),
        Attribute::People => (None, &document.people),
        Attribute::Path => (document.path.as_deref(), &[]),
        Attribute::Body => (Some(&document.body), &[]),
    };
    one.into_iter().chain(many.iter().map(String::as_str))
}
