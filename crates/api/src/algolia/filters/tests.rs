//! What filters mean, and what is refused.

use index::{Filter, Time};
use model::{RecordId, SourceId, Timestamp};
use serde_json::{Value as Json, json};

use super::{Cnf, Filters};
use crate::algolia::names::SourceNames;
use crate::algolia::wire::Refused;

fn names() -> SourceNames {
    SourceNames::from_pairs(&[(1, "Drive"), (2, "Twins"), (3, "twins")])
}

fn filters(text: &str) -> Result<Cnf, Refused> {
    let names = names();
    let mut filters = Filters::new(&names);
    filters.add_filters(text)?;
    Ok(filters.into_cnf())
}

fn facet_filters(value: &Json) -> Result<Cnf, Refused> {
    let names = names();
    let mut filters = Filters::new(&names);
    filters.add_facet_filters(value)?;
    Ok(filters.into_cnf())
}

fn numeric_filters(value: &Json) -> Result<Cnf, Refused> {
    let names = names();
    let mut filters = Filters::new(&names);
    filters.add_numeric_filters(value)?;
    Ok(filters.into_cnf())
}

fn kind(value: &str) -> Filter {
    Filter::facet("kind", value)
}

fn source(id: &str) -> Filter {
    Filter::facet("source", id)
}

fn changed(from: Option<i64>, to: Option<i64>) -> Filter {
    Filter::time(Time::ChangedAt, from.map(Timestamp), to.map(Timestamp))
}

#[test]
fn the_grammar_of_filters_becomes_an_and_of_ors() {
    let check = |text: &str, expected: Cnf| assert_eq!(filters(text), Ok(expected), "{text}");
    check("", vec![]);
    check("kind:pdf", vec![vec![kind("pdf")]]);
    check("kind:\"two words\"", vec![vec![kind("two words")]]);
    check("kind : 'it\\'s'", vec![vec![kind("it's")]]);
    check("NOT kind:pdf", vec![vec![kind("pdf").not()]]);
    check("kind:pdf OR kind:mail", vec![vec![kind("pdf"), kind("mail")]]);
    check(
        "(kind:pdf OR kind:mail) AND NOT people:Ada",
        vec![
            vec![kind("pdf"), kind("mail")],
            vec![Filter::facet("people", "Ada").not()],
        ],
    );
    check(
        "kind:a AND (kind:b OR kind:c) AND kind:d",
        vec![vec![kind("a")], vec![kind("b"), kind("c")], vec![kind("d")]],
    );
    check("((kind:a))", vec![vec![kind("a")]]);
    check("changed_at >= 5", vec![vec![changed(Some(5), None)]]);
    check("changed_at:1 TO 5", vec![vec![changed(Some(1), Some(5))]]);
    check("NOT changed_at<5", vec![vec![changed(None, Some(4)).not()]]);
    check("objectID=7", vec![vec![Filter::records(vec![RecordId(7)])]]);
    check("urgent", vec![vec![Filter::facet("_tags", "urgent")]]);
    check("changed_at:5", vec![vec![changed(Some(5), Some(5))]]);
    check(
        "kind:pdf<score=2> OR kind:\"mail\"<score=10>",
        vec![vec![kind("pdf"), kind("mail")]],
    );
}

#[test]
fn what_the_grammar_lacks_is_refused_in_words() {
    for text in [
        "(kind:a AND kind:b) OR kind:c",
        "kind:a AND kind:b OR kind:c AND",
        "NOT (kind:a OR kind:b)",
        "(kind:a",
        "kind:a)",
        "kind:",
        "kind:\"open",
        "AND kind:a",
        "kind:a kind:b",
        "kind:1 TO 5",
        "kind>5",
        "changed_at>x",
        "changed_at=>5",
        "changed_at:abc",
        "NOT created_at:1 TO x",
        "kind:a<score=",
        ":",
        "=",
    ] {
        let refused = filters(text).expect_err(text);
        assert_eq!(refused.status, 400, "{text}");
        assert!(refused.message.contains(text), "{}", refused.message);
    }
}

#[test]
fn facet_filters_come_in_all_shapes() {
    let check = |value: Json, expected: Cnf| assert_eq!(facet_filters(&value), Ok(expected), "{value}");
    check(json!("kind:pdf"), vec![vec![kind("pdf")]]);
    check(
        json!(["kind:pdf", "kind:-mail"]),
        vec![vec![kind("pdf")], vec![kind("mail").not()]],
    );
    check(
        json!([["kind:pdf", "-kind:mail"]]),
        vec![vec![kind("pdf"), kind("mail").not()]],
    );
    check(json!("[[\"kind:a:b\"]]"), vec![vec![kind("a:b")]]);
    check(json!([["kind:\\-minus"]]), vec![vec![kind("-minus")]]);
    check(json!([[], "kind:pdf"]), vec![vec![kind("pdf")]]);
    check(json!("kind:pdf<score=2>"), vec![vec![kind("pdf")]]);
    check(json!(["-changed_at:5"]), vec![vec![changed(Some(5), Some(5)).not()]]);
    check(json!(null), vec![]);
    for bad in [
        json!(7),
        json!(["changed_at:abc"]),
        json!([7]),
        json!([[["kind:a"]]]),
        json!("kind"),
        json!(":a"),
        json!("[broken"),
    ] {
        assert_eq!(facet_filters(&bad).expect_err("bad").status, 400, "{bad}");
    }
}

#[test]
fn numeric_filters_compare_times() {
    let check = |value: Json, expected: Cnf| assert_eq!(numeric_filters(&value), Ok(expected), "{value}");
    check(json!(["changed_at>=5"]), vec![vec![changed(Some(5), None)]]);
    check(
        json!("changed_at > 5,changed_at<=9"),
        vec![vec![changed(Some(6), None)], vec![changed(None, Some(9))]],
    );
    check(
        json!([["changed_at=5", "changed_at!=7"]]),
        vec![vec![changed(Some(5), Some(5)), changed(Some(7), Some(7)).not()]],
    );
    check(json!(["changed_at:1 TO 5.9"]), vec![vec![changed(Some(1), Some(5))]]);
    check(json!(["source_id=2"]), vec![vec![source("2")]]);
    for bad in [
        json!(["price>=5"]),
        json!(["changed_at"]),
        json!(["changed_at>"]),
        json!({"a": 1}),
    ] {
        assert_eq!(numeric_filters(&bad).expect_err("bad").status, 400, "{bad}");
    }
}

#[test]
fn a_source_is_filtered_by_name_and_only_among_those_that_are_held() {
    let sources = |ids: &[i64]| Filter::sources(ids.iter().copied().map(SourceId).collect());
    assert_eq!(filters("source:drive"), Ok(vec![vec![sources(&[1])]]));
    assert_eq!(filters("source:Twins"), Ok(vec![vec![sources(&[2, 3])]]));
    assert_eq!(filters("source:Hidden"), Ok(vec![vec![sources(&[])]]));
    assert_eq!(filters("NOT source:Hidden"), Ok(vec![vec![sources(&[]).not()]]));
    assert_eq!(
        filters("kind:a OR NOT source:Twins"),
        Ok(vec![vec![kind("a"), sources(&[2, 3]).not()]])
    );
    assert_eq!(filters("source_id:2"), Ok(vec![vec![source("2")]]));
}

#[test]
fn more_filters_than_anybody_needs_are_refused() {
    let many: Vec<String> = (0..2_000).map(|nth| format!("kind:{nth}")).collect();
    assert_eq!(facet_filters(&json!([many])).expect_err("too many").status, 400);
    let alike = vec!["source:-Twins"; 2_000];
    assert_eq!(facet_filters(&json!([alike])).expect("one condition")[0].len(), 1);
}

#[test]
fn a_record_is_found_and_left_out_by_its_id() {
    let record = || Filter::records(vec![RecordId(7)]);
    assert_eq!(filters("objectID:7"), Ok(vec![vec![record()]]));
    assert_eq!(filters("NOT objectID:7"), Ok(vec![vec![record().not()]]));
    assert_eq!(facet_filters(&json!("objectID:-7")), Ok(vec![vec![record().not()]]));
    assert_eq!(filters("objectID:seven"), Ok(vec![vec![Filter::records(Vec::new())]]));
}
