//! Marks and snippets.

use super::{highlight, snippet};
use crate::matching::Words;
use crate::request::{QueryType, Snippet, Tags, TypoTolerance};
use crate::response::MatchLevel;

fn words(query: &str) -> Words {
    Words::parse(query, QueryType::PrefixLast, TypoTolerance::On)
}

fn check(text: &str, query: &str, expected: &str) {
    let tags = Tags {
        pre: "[".to_owned(),
        post: "]".to_owned(),
    };
    assert_eq!(highlight(text, &words(query), &tags).value, expected);
}

#[test]
fn whole_words_prefixes_and_mistyped_words_are_marked() {
    check("The Invoice of May", "invoice", "The [Invoice] of May");
    check("The Invoice of May", "inv", "The [Inv]oice of May");
    check("The Invoice of May", "invioce", "The [Invoice] of May");
    check("Invoices, invoicing", "invoic", "[Invoic]es, [invoic]ing");
    check("nothing here", "invoice", "nothing here");
}

#[test]
fn parts_of_names_are_marked_inside_them() {
    check("getUserName()", "user ", "get[User]Name()");
    check("getUserName()", "getus", "[getUs]erName()");
    check("snake_case.rs", "case rs", "snake_[case].[rs]");
}

#[test]
fn accents_and_other_scripts_are_marked_where_they_stand() {
    check("Crème brûlée", "creme bru", "[Crème] [brû]lée");
    check("e\u{301}te\u{301} 2024", "ete 2024", "[e\u{301}te\u{301}] [2024]");
    check("東京都庁", "京都", "東[京都]庁");
    check("東京", "東", "[東]京");
    check("Straße", "strass", "[Straß]e");
}

#[test]
fn texts_are_returned_raw() {
    check("<b>Tom & Jerry</b>", "jerry", "<b>Tom & [Jerry]</b>");
}

#[test]
fn the_match_level_counts_words_of_the_query() {
    let level = |text: &str, query: &str| {
        let found = highlight(text, &words(query), &Tags::default());
        (found.match_level, found.matched_words, found.fully_highlighted)
    };
    assert_eq!(
        level("red green", "red blue"),
        (MatchLevel::Partial, vec!["red".to_owned()], false)
    );
    assert_eq!(level("red blue", "red blu").0, MatchLevel::Full);
    assert_eq!(level("red", "red"), (MatchLevel::Full, vec!["red".to_owned()], true));
    assert_eq!(level("red", ""), (MatchLevel::None, vec![], false));
    assert_eq!(level("", "red"), (MatchLevel::None, vec![], false));
}

fn snip(body: &str, query: &str, length: usize) -> String {
    let tags = Tags {
        pre: "[".to_owned(),
        post: "]".to_owned(),
    };
    snippet(
        body,
        &words(query),
        &Snippet {
            words: length,
            ellipsis: "…".to_owned(),
            tags,
        },
    )
    .value
}

#[test]
fn a_snippet_shows_where_most_words_match_together() {
    let body = "one alpha two three four five six seven eight nine alpha beta ten eleven twelve thirteen";
    assert_eq!(snip(body, "alpha beta ", 6), "…eight nine [alpha] [beta] ten eleven…");
    assert_eq!(snip(body, "three", 6), "…alpha two [three] four five six…");
    assert_eq!(snip(body, "one", 3), "[one] alpha two…");
    assert_eq!(snip(body, "thirteen", 3), "…twelve [thirteen]");
}

#[test]
fn a_snippet_without_a_match_is_the_beginning() {
    assert_eq!(snip("one two three four", "zebra", 2), "one two…");
    assert_eq!(snip("one two", "zebra", 5), "one two");
    assert_eq!(snip("", "zebra", 5), "");
}

#[test]
fn a_snippet_of_a_text_without_words_is_short() {
    assert!(snip(&"x".repeat(100_000), "x", 10).len() < 1_000);
    assert!(snip(&"!".repeat(100_000), "x", 10).len() < 1_000);
    assert!(snip(&"é\u{301} ".repeat(100_000), "e", 10).len() < 1_000);
}

#[test]
fn a_match_deep_in_a_long_text_is_found() {
    let body = format!("{}needle {}", "hay ".repeat(100_000), "hay ".repeat(100_000));
    assert_eq!(snip(&body, "needle", 3), "…hay [needle] hay…");
}
