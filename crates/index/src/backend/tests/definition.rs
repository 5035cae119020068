//! Whatever an engine answers must be what the definition answers, for any documents, requests and askers.

use std::collections::{BTreeMap, BTreeSet};

use model::{Acl, Asker, Document, RecordId, Revision, SourceId, Timestamp};
use proptest::collection::{hash_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{payload, principals};
use crate::backend::scan::Scan;
use crate::backend::tantivy::TantivyBackend;
use crate::{
    Attribute, Change, FacetOrder, FacetRequest, Filter, Highlight, IndexBackend, Options, QueryType, SearchRequest,
    Snippet, Time, TypoTolerance,
};

const WORDS: [&str; 32] = [
    "invoice",
    "invoices",
    "invocie",
    "nvoice",
    "voice",
    "report",
    "reports",
    "reporter",
    "repotr",
    "schedule",
    "schedules",
    "xchedule",
    "chedule",
    "data",
    "base",
    "database",
    "databases",
    "basedata",
    "reporta",
    "getUserName",
    "user",
    "snake_case",
    "2024",
    "v2",
    "東京都",
    "東京",
    "京",
    "Café",
    "cafe",
    "a",
    "an",
    "été",
];

fn text(words_max: usize) -> impl Strategy<Value = String> {
    vec(
        (select(&WORDS[..]), select(&[" ", " ", ", ", "\n", "-"][..])),
        0..words_max,
    )
    .prop_map(|words| words.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

fn acl() -> impl Strategy<Value = Acl> {
    let set = subsequence(principals(), 0..3);
    vec(set, 0..3).prop_map(|sets| sets.into_iter().fold(Acl::source_only(), Acl::and_any_of))
}

fn facets() -> impl Strategy<Value = BTreeMap<String, Vec<String>>> {
    let values = vec(
        select(&["red", "Red", "green", "7", "12"][..]).prop_map(str::to_owned),
        0..3,
    );
    let names = select(&["tags", "size", "kind", "tag"][..]).prop_map(str::to_owned);
    proptest::collection::btree_map(names, values, 0..3)
}

prop_compose! {
    fn document()(
        record in 0_i64..25,
        source in 0_i64..3,
        kind in select(&["pdf", "issue", "PDF"][..]),
        title in text(4),
        body in text(12),
        path in option::of(text(3)),
        people in vec(text(2), 0..3),
        created_at in option::of(0_i64..5),
        changed_at in option::of(0_i64..5),
        facets in facets(),
        acl in acl(),
    ) -> Document {
        Document {
            record: RecordId(record),
            revision: Revision(1),
            source: SourceId(source),
            stream: format!("stream {}", source % 2),
            kind: kind.to_owned(),
            title, body, url: None, path, people,
            created_at: created_at.map(Timestamp),
            changed_at: changed_at.map(Timestamp),
            facets, acl,
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => document().prop_map(|document| Change::Upsert(Box::new(document))),
        1 => (0_i64..25).prop_map(|record| Change::Delete(RecordId(record))),
    ]
}

fn asker() -> impl Strategy<Value = Asker> {
    let sources = subsequence(vec![SourceId(0), SourceId(1), SourceId(2)], 1..4);
    (hash_set(select(principals()), 0..4), sources).prop_map(|(principals, sources)| Asker {
        principals,
        sources: sources.into_iter().collect::<BTreeSet<_>>(),
    })
}

fn query() -> impl Strategy<Value = String> {
    let word =
        (select(&WORDS[..]), 1_usize..12).prop_map(|(word, length)| word.chars().take(length).collect::<String>());
    let mistyped = (
        select(&WORDS[..]),
        any::<proptest::sample::Index>(),
        select(&['x', 'e', 's'][..]),
    )
        .prop_map(|(word, place, letter)| {
            let mut letters: Vec<char> = word.chars().collect();
            let place = place.index(letters.len());
            match letter {
                'x' => letters[place] = 'x',
                'e' => drop(letters.remove(place)),
                _ if place > 0 => letters.swap(place, place - 1),
                _ => letters.insert(place, letter),
            }
            letters.into_iter().collect()
        });
    let words = vec(prop_oneof![2 => word, 1 => mistyped], 0..4);
    (words, select(&["", "", " "][..])).prop_map(|(words, end)| words.join(" ") + end)
}

fn filter() -> impl Strategy<Value = Filter> {
    let facet = select(
        &[
            ("kind", "pdf"),
            ("tags", "RED"),
            ("source", "1"),
            ("people", "cafe "),
            ("none", "x"),
        ][..],
    )
    .prop_map(|(name, value)| Filter::facet(name, value));
    let time = (option::of(0_i64..5), option::of(0_i64..5))
        .prop_map(|(from, to)| Filter::time(Time::ChangedAt, from.map(Timestamp), to.map(Timestamp)));
    let records = vec((0_i64..25).prop_map(RecordId), 0..9).prop_map(Filter::records);
    let sources = vec((0_i64..4).prop_map(SourceId), 0..3).prop_map(Filter::sources);
    (
        prop_oneof![4 => facet, 1 => time, 1 => records, 1 => sources],
        any::<bool>(),
    )
        .prop_map(|(filter, negated)| if negated { filter.not() } else { filter })
}

fn facet_request() -> impl Strategy<Value = FacetRequest> {
    const NAMES: [&str; 8] = ["source", "kind", "people", "tags", "size", "changed_at", "*", "none"];
    let query = option::weighted(0.2, select(&["re", "1", "caf"][..]).prop_map(str::to_owned));
    (select(&NAMES[..]), 1_usize..4, any::<bool>(), query).prop_map(|(name, values_max, by_count, query)| {
        FacetRequest {
            name: name.to_owned(),
            values_max,
            order: if by_count { FacetOrder::Count } else { FacetOrder::Value },
            query,
        }
    })
}

prop_compose! {
    fn request(queries: Vec<String>)(
        query in select(queries),
        offset in 0_usize..4,
        hits_per_page in select(&[0_usize, 2, 20][..]),
        facets in vec(facet_request(), 0..3),
        filters in vec(vec(filter(), 0..3), 0..2),
        typo_tolerance in select(&[TypoTolerance::On, TypoTolerance::On, TypoTolerance::Off, TypoTolerance::Min, TypoTolerance::Strict][..]),
        query_type in select(&[QueryType::PrefixLast, QueryType::PrefixLast, QueryType::PrefixAll, QueryType::PrefixNone][..]),
        attributes in prop_oneof![3 => Just(Vec::new()), 1 => subsequence(Attribute::ALL.to_vec(), 1..4)],
        marks in any::<bool>(),
    ) -> SearchRequest {
        SearchRequest {
            query, offset, hits_per_page, facets, filters, typo_tolerance, query_type, attributes,
            highlight: marks.then(Highlight::default),
            snippet: marks.then(|| Snippet { words: 5, ..Snippet::default() }),
            with_body: marks,
        }
    }
}

fn requests() -> impl Strategy<Value = Vec<SearchRequest>> {
    vec(query(), 1..3).prop_flat_map(|queries| vec(request(queries), 1..5))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hits_counts_and_facets_are_those_of_the_definition(
        commits in vec(vec(change(), 0..14), 1..4),
        searches in vec((requests(), asker()), 1..6),
    ) {
        let engine = TantivyBackend::in_memory(&Options::default()).unwrap();
        let definition = Scan::default();
        for (position, batch) in (1..).zip(commits) {
            for backend in [&engine as &dyn IndexBackend, &definition] {
                prop_assert_eq!(backend.apply(batch.clone()).unwrap(), []);
                backend.commit(&payload(position)).unwrap();
            }
        }
        for (requests, asker) in &searches {
            let found = engine.search_many(requests, asker).unwrap();
            let expected = definition.search_many(requests, asker).unwrap();
            for (nth, (found, expected)) in found.iter().zip(&expected).enumerate() {
                prop_assert_eq!(found, expected, "{:?}", requests[nth]);
            }
            for (request, together) in requests.iter().zip(found) {
                let alone = engine.search_many(std::slice::from_ref(request), asker).unwrap();
                prop_assert_eq!(&alone[0], &together);
            }
            for record in (0..25).map(RecordId) {
                prop_assert_eq!(engine.find(record, asker).unwrap(), definition.find(record, asker).unwrap());
            }
        }
        prop_assert_eq!(engine.payload().unwrap(), definition.payload().unwrap());
        prop_assert_eq!(engine.stats().unwrap().documents, definition.stats().unwrap().documents);
    }
}
