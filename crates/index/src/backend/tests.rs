//! One suite for every engine: how hits are ordered, what is found, and that nothing leaks.

mod definition;

use std::collections::BTreeMap;

use model::{Acl, Asker, Document, Principal, RecordId, Revision, SourceId, Timestamp};

use super::scan;
use super::tantivy::TantivyBackend;
use crate::{
    Attribute, Change, FacetRequest, Filter, Highlight, IndexBackend, Options, Payload, SearchRequest, SearchResponse,
    Snippet, TypoTolerance,
};

fn principals() -> Vec<Principal> {
    (0..4).map(|n| format!("fossick/group/{n}").parse().unwrap()).collect()
}

fn payload(position: i64) -> Payload {
    Payload {
        position,
        change_token: 7,
        schema_version: crate::SCHEMA_VERSION,
        mapping_version: "m".to_owned(),
        rebuild: 0,
        built_through: None,
    }
}

/// An index of these documents, and what finds the titles in it.
struct Library {
    engine: TantivyBackend,
}

impl Library {
    fn new(documents: Vec<Document>) -> Self {
        let engine = TantivyBackend::in_memory(&Options::default()).unwrap();
        for document in documents {
            // One commit each: the order must not depend on what shares a segment.
            assert_eq!(engine.apply(vec![Change::Upsert(Box::new(document))]).unwrap(), []);
            engine.commit(&payload(1)).unwrap();
        }
        Self { engine }
    }

    fn titled(titles: &[&str]) -> Self {
        Self::new(
            (0..)
                .zip(titles)
                .map(|(record, title)| plain(record, title, ""))
                .collect(),
        )
    }

    fn ask(&self, request: &SearchRequest) -> SearchResponse {
        let asker = Asker {
            sources: [SourceId(1)].into(),
            ..Asker::default()
        };
        self.engine
            .search_many(std::slice::from_ref(request), &asker)
            .unwrap()
            .remove(0)
    }

    fn titles(&self, query: &str) -> Vec<String> {
        self.ask(&SearchRequest::new(query))
            .hits
            .into_iter()
            .map(|hit| hit.title)
            .collect()
    }
}

fn plain(record: i64, title: &str, body: &str) -> Document {
    Document {
        record: RecordId(record),
        revision: Revision(1),
        source: SourceId(1),
        stream: "files".to_owned(),
        kind: "txt".to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        url: None,
        path: None,
        people: Vec::new(),
        created_at: None,
        changed_at: None,
        facets: BTreeMap::new(),
        acl: Acl::source_only(),
    }
}

#[test]
fn fewer_typos_come_first() {
    let library = Library::titled(&["Schedxle", "Scxedxle", "Schedule", "Other"]);
    assert_eq!(library.titles("schedule"), ["Schedule", "Schedxle", "Scxedxle"]);
    let request = SearchRequest {
        typo_tolerance: TypoTolerance::Min,
        ..SearchRequest::new("schedule")
    };
    assert_eq!(library.ask(&request).nb_hits, 1);
    let request = SearchRequest {
        typo_tolerance: TypoTolerance::Strict,
        ..SearchRequest::new("schedule")
    };
    assert_eq!(library.ask(&request).nb_hits, 2);
}

#[test]
fn words_that_stand_together_come_before_words_apart() {
    let library = Library::titled(&[
        "budget of the year plan",
        "plan budget",
        "budget plan",
        "budget and plan",
    ]);
    assert_eq!(
        library.titles("budget plan"),
        [
            "budget plan",
            "plan budget",
            "budget and plan",
            "budget of the year plan"
        ]
    );
}

#[test]
fn proximity_decides_before_the_attribute() {
    let near = plain(1, "Notes", "the budget plan of May");
    let apart = plain(2, "budget of one and another and a third plan", "");
    let library = Library::new(vec![apart, near]);
    assert_eq!(library.titles("budget plan")[0], "Notes");
}

#[test]
fn title_comes_before_people_before_path_before_body() {
    let mut people = plain(3, "people", "");
    people.people = vec!["Ada Invoice".to_owned()];
    let mut path = plain(2, "path", "");
    path.path = Some("work/invoice".to_owned());
    let library = Library::new(vec![
        plain(1, "body", "an invoice"),
        path,
        people,
        plain(4, "invoice", ""),
    ]);
    assert_eq!(library.titles("invoice"), ["invoice", "people", "path", "body"]);
    let request = SearchRequest {
        attributes: vec![Attribute::Body, Attribute::Path],
        ..SearchRequest::new("invoice")
    };
    assert_eq!(library.ask(&request).nb_hits, 2);
}

#[test]
fn whole_words_come_before_longer_ones() {
    let library = Library::titled(&["reports", "reporter", "report"]);
    assert_eq!(library.titles("report"), ["report", "reports", "reporter"]);
}

#[test]
fn among_equals_the_newest_comes_first_and_then_the_record_decides() {
    let dated = |record, at: Option<i64>| Document {
        changed_at: at.map(Timestamp),
        ..plain(record, &record.to_string(), "same")
    };
    let library = Library::new(vec![
        dated(4, None),
        dated(1, Some(-5)),
        dated(3, Some(7)),
        dated(2, Some(7)),
        dated(5, None),
    ]);
    assert_eq!(library.titles("same"), ["2", "3", "1", "4", "5"]);
    assert_eq!(library.titles(""), ["2", "3", "1", "4", "5"]);
}

#[test]
fn pages_follow_each_other_without_gaps() {
    let library = Library::titled(&["a x", "b x", "c x", "d x", "e x"]);
    let page = |number| {
        let request = SearchRequest {
            hits_per_page: 2,
            ..SearchRequest::new("x")
        }
        .page(number);
        let answer = library.ask(&request);
        assert_eq!(answer.nb_hits, 5);
        answer.hits.into_iter().map(|hit| hit.title).collect::<Vec<_>>()
    };
    assert_eq!(
        [page(0), page(1), page(2), page(3)].concat(),
        ["a x", "b x", "c x", "d x", "e x"]
    );
}

#[test]
fn words_are_found_however_they_are_written() {
    let library = Library::titled(&[
        "getUserName",
        "東京都庁舎",
        "Crème brûlée",
        "data base",
        "файл",
        "invoice2024.pdf",
    ]);
    for (query, expected) in [
        ("username", vec!["getUserName"]),
        ("user", vec!["getUserName"]),
        ("GETUSER", vec!["getUserName"]),
        ("京都", vec!["東京都庁舎"]),
        ("庁", vec!["東京都庁舎"]),
        ("京庁", vec![]),
        ("creme brulee", vec!["Crème brûlée"]),
        ("ФАЙЛ", vec!["файл"]),
        ("invoice 2024", vec!["invoice2024.pdf"]),
        ("2024", vec!["invoice2024.pdf"]),
    ] {
        assert_eq!(library.titles(query), expected, "{query}");
    }
}

#[test]
fn words_written_together_find_words_apart_and_the_other_way_round() {
    let library = Library::new(vec![
        plain(1, "user guide", "the first steps"),
        plain(2, "guide for a user", ""),
        plain(3, "Notes", "see the User-Guides of 2024"),
        plain(4, "handbook", "a userguide"),
    ]);
    // Where a document has the word as it stands, it is meant as it stands.
    assert_eq!(library.titles("userguide"), ["handbook"]);
    assert_eq!(
        library.titles("user guide").last().unwrap(),
        "handbook",
        "below all that need no typo"
    );
    let library = Library::new(vec![
        plain(1, "user guide", "the first steps"),
        plain(2, "guide for a user", "guide user"),
        plain(3, "Notes", "see the User-Guides of 2024"),
        plain(4, "steps", "a new userGuide"),
        plain(5, "usergiude", ""),
    ]);
    assert_eq!(
        library.titles("userguide"),
        ["steps", "usergiude"],
        "a name's whole is a word, too"
    );
    let library = Library::new(vec![
        plain(1, "user guide", "the first steps"),
        plain(2, "guide for a user", "guide user"),
        plain(3, "Notes", "see the User-Guides of 2024"),
        plain(5, "usergiude", ""),
    ]);
    assert_eq!(library.titles("userguide"), ["user guide", "usergiude", "Notes"]);
    assert_eq!(
        library.titles("userguide "),
        ["user guide", "usergiude"],
        "the second word may go on only while it is typed"
    );
    assert_eq!(library.titles("usergui"), ["user guide", "usergiude", "Notes"]);
    assert_eq!(library.titles("first userguide"), ["user guide"]);
    let off = SearchRequest {
        typo_tolerance: TypoTolerance::Off,
        ..SearchRequest::new("userguide")
    };
    assert_eq!(library.ask(&off).nb_hits, 0);
    let marked = SearchRequest {
        highlight: Some(Highlight::default()),
        snippet: Some(Snippet::default()),
        ..SearchRequest::new("userguide")
    };
    let hits = library.ask(&marked).hits;
    let titles: Vec<&str> = hits
        .iter()
        .map(|hit| hit.highlights[&Attribute::Title][0].value.as_str())
        .collect();
    assert_eq!(titles, ["<em>user</em> <em>guide</em>", "<em>usergiude</em>", "Notes"]);
    assert_eq!(
        hits[2].snippet.as_ref().unwrap().value,
        "see the <em>User</em>-<em>Guides</em> of 2024"
    );
}

#[test]
fn what_is_hidden_does_not_keep_a_word_from_being_cut() {
    let mut hidden = plain(1, "userguide", "");
    hidden.acl = Acl::any_of([principals()[0].clone()]);
    let library = Library::new(vec![hidden, plain(2, "user guide", "")]);
    assert_eq!(library.titles("userguide"), ["user guide"]);
}

#[test]
fn naughty_texts_are_indexed_and_found_by_their_own_words() {
    let naughty = [
        "\u{0}\u{1}\u{2}\u{7f}",
        "\u{feff}bom",
        "\u{202e}rtl override",
        "Z\u{335}\u{321}a\u{338}lgo\u{489}",
        "ﷺ",
        "½ ⅓ ²",
        "👩‍👩‍👧‍👦 family",
        "<script>alert(1)</script>",
        "'; DROP TABLE users; --",
        "../../etc/passwd",
        "%s%n%p",
        "\u{200b}zero\u{200d}width",
        "Ⅷ ﬁle ＦＵＬＬ",
        "İstanbul ISTANBUL ıstanbul",
        "नमस्ते दुनिया",
        "สวัสดีชาวโลก",
        "العَرَبِيَّة",
        "שָׁלוֹם",
        "안녕하세요",
        "ａｂｃ１２３",
        "a\u{300}\u{301}\u{302}\u{303}\u{304}",
        "\u{1f1e9}\u{1f1ea}",
        "NaN null undefined",
        "1e400 -0 0x1F",
        "\u{fffd}\u{fffe}",
    ];
    let library = Library::titled(&naughty);
    assert_eq!(library.ask(&SearchRequest::default()).nb_hits, naughty.len() as u64);
    for text in naughty {
        let request = SearchRequest {
            highlight: Some(Highlight::default()),
            snippet: Some(Snippet::default()),
            facets: vec![FacetRequest {
                query: Some(text.to_owned()),
                ..FacetRequest::new("*")
            }],
            filters: vec![vec![Filter::facet(text, text).not()]],
            hits_per_page: 100,
            ..SearchRequest::new(text)
        };
        let answer = library.ask(&request);
        assert!(answer.hits.iter().any(|hit| hit.title == text), "{text:?} finds itself");
    }
}

#[test]
fn facets_reveal_nothing_that_is_hidden() {
    let mut hidden = plain(1, "salary list", "");
    hidden.kind = "spreadsheet".to_owned();
    hidden.people = vec!["Hidden Person".to_owned()];
    hidden.facets.insert("tags".to_owned(), vec!["confidential".to_owned()]);
    hidden.changed_at = Some(Timestamp(99));
    hidden.acl = Acl::any_of([principals()[0].clone()]);
    let mut foreign = Document {
        record: RecordId(2),
        source: SourceId(2),
        ..hidden.clone()
    };
    foreign.acl = Acl::source_only();
    let shown = plain(3, "salary talk", "");
    let library = Library::new(vec![hidden, foreign, shown]);
    for query in ["", "salary", "salary list"] {
        let names = ["*", "tags", "people", "changed_at"].map(FacetRequest::new);
        let found = FacetRequest {
            query: Some("con".to_owned()),
            ..FacetRequest::new("tags")
        };
        let request = SearchRequest {
            facets: names.into_iter().chain([found]).collect(),
            ..SearchRequest::new(query)
        };
        let answer = library.ask(&request);
        let text = format!("{answer:?}");
        for secret in ["spreadsheet", "Hidden", "confidential", "list", "99"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(answer.nb_hits, u64::from(query != "salary list"));
    }
}

#[test]
fn a_mass_of_equal_matches_keeps_the_closest_pairs() {
    let documents = (0..6_000)
        .map(|record| plain(record, "", "alpha one two three beta"))
        .collect::<Vec<_>>();
    let engine = TantivyBackend::in_memory(&Options::default()).unwrap();
    engine
        .apply(
            documents
                .into_iter()
                .map(|document| Change::Upsert(Box::new(document)))
                .collect(),
        )
        .unwrap();
    engine
        .apply(vec![Change::Upsert(Box::new(plain(9_000, "alpha beta", "")))])
        .unwrap();
    engine.commit(&payload(1)).unwrap();
    let asker = Asker {
        sources: [SourceId(1)].into(),
        ..Asker::default()
    };
    let request = SearchRequest {
        hits_per_page: 5,
        ..SearchRequest::new("alpha beta")
    };
    let answer = engine.search_many(&[request], &asker).unwrap().remove(0);
    assert_eq!(answer.nb_hits, 6_001);
    let records: Vec<i64> = answer.hits.iter().map(|hit| hit.record.0).collect();
    assert_eq!(records, [9_000, 0, 1, 2, 3]);
}

#[test]
fn the_first_hits_are_the_same_however_many_match() {
    // Distances, attributes and times in all mixtures, so that the nearest stand neither first nor last.
    let document = |record: i64| {
        let text = |words: i64| format!("alpha{} beta", " and".repeat(usize::try_from(words).unwrap()));
        let far = (record * 7 + record / 16) % 9;
        let (title, body) = if record % 3 == 0 {
            (text(far), String::new())
        } else {
            ("note".to_owned(), text(far))
        };
        Document {
            changed_at: (record % 5 > 0).then_some(Timestamp(record * 37 % 11)),
            ..plain(record, &title, &body)
        }
    };
    let changes: Vec<Change> = (0..1_200)
        .map(|record| Change::Upsert(Box::new(document(record))))
        .collect();
    let (engine, definition) = (
        TantivyBackend::in_memory(&Options::default()).unwrap(),
        scan::Scan::default(),
    );
    let asker = Asker {
        sources: [SourceId(1)].into(),
        ..Asker::default()
    };
    for batch in changes.chunks(500) {
        for backend in [&engine as &dyn IndexBackend, &definition] {
            backend.apply(batch.to_vec()).unwrap();
            backend.commit(&payload(1)).unwrap();
        }
    }
    for (query, offset, hits_per_page) in [
        ("alpha beta", 0, 20),
        ("alpha b", 0, 20),
        ("alpha beta", 90, 50),
        ("beta alpha", 0, 300),
        ("alpah beta", 0, 7),
    ] {
        let request = SearchRequest {
            offset,
            hits_per_page,
            ..SearchRequest::new(query)
        };
        let found = engine.search_many(std::slice::from_ref(&request), &asker).unwrap();
        let expected = definition.search_many(&[request], &asker).unwrap();
        let records = |answers: &[SearchResponse]| answers[0].hits.iter().map(|hit| hit.record.0).collect::<Vec<_>>();
        assert_eq!(records(&found), records(&expected), "{query}");
        assert_eq!(found, expected, "{query}");
    }
}
