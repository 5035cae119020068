//! Requests and hits.

use clap::Parser;
use serde_json::json;

use super::*;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    search: SearchArgs,
}

fn args(line: &str) -> Result<SearchArgs, clap::Error> {
    Line::try_parse_from(line.split_whitespace()).map(|line| line.search)
}

fn hit() -> Value {
    json!({
        "objectID": "7", "title": "Invoice march.pdf", "path": "bills/Invoice march.pdf", "kind": "pdf", "source": "Team",
        "changed_at": 1_799_999_820_000_i64,
        "_highlightResult": {
            "title": {"value": "\u{e000}Invoice\u{e001} march.pdf"}, "path": {"value": "bills/\u{e000}Invoice\u{e001} march.pdf"}},
        "_snippetResult": {"body": {"value": "…your \u{e000}invoice\u{e001}\n  of\u{1b}[2J March…"}},
    })
}

#[test]
fn a_hit_shows_title_place_and_snippet() {
    let now = Timestamp(1_800_000_000_000);
    assert_eq!(
        render(&hit(), now, false),
        "Invoice march.pdf\n  bills/Invoice march.pdf\n  Team · pdf · 3 min ago · record 7\n  …your invoice of\u{fffd}[2J March…\n"
    );
    let coloured = render(&hit(), now, true);
    assert!(coloured.contains("\u{1b}[33;1minvoice\u{1b}[39;22m"), "{coloured}");
    assert!(!coloured.contains("\u{1b}[2J"));
}

#[test]
fn a_url_is_shown_instead_of_a_path_and_missing_parts_leave_no_line() {
    let now = Timestamp(0);
    let shown = render(
        &json!({"title": "Card", "url": "https://example.org/1", "kind": "card", "source": "Board"}),
        now,
        false,
    );
    assert_eq!(shown, "Card\n  https://example.org/1\n  Board · card\n");
}

#[test]
fn words_filters_and_pages_are_asked_for() {
    let args = args("x invoice march --source Team --kind pdf --kind docx -n 3 --page 2").unwrap();
    let request = request(&args, true);
    assert_eq!(request["query"], "invoice march");
    assert_eq!((&request["hitsPerPage"], &request["page"]), (&json!(3), &json!(1)));
    assert_eq!(
        request["facetFilters"],
        json!([["source:Team"], ["kind:pdf", "kind:docx"]])
    );
    assert!(request.get("highlightPreTag").is_none());
}

#[test]
fn nobody_else_can_be_asked_as() {
    assert_eq!(args("x").unwrap().asker, "everyone");
    for wrong in ["x --as root", "x --as user:", "x -n 0", "x --page 0"] {
        assert!(args(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_last_line_says_who_searched() {
    let result = json!({"nbHits": 1_234, "nbPages": 124, "page": 0, "processingTimeMS": 3});
    assert_eq!(
        summary(&result, "everyone"),
        "1,234 hits in what is shared with everyone, page 1 of 124, 3 ms"
    );
    let one = json!({"nbHits": 1, "nbPages": 1, "page": 0, "processingTimeMS": 0});
    assert_eq!(summary(&one, "user:ada@example.org"), "1 hit for ada@example.org, 0 ms");
}
