//! Words against tokens.

use super::{Grade, Words};
use crate::request::{QueryType, TypoTolerance};

fn grade(query: &str, query_type: QueryType, token: &str) -> Option<(u8, bool)> {
    let words = Words::parse(query, query_type, TypoTolerance::On);
    words.words[0]
        .grade(token)
        .map(|Grade { typos, is_inexact }| (typos, is_inexact))
}

fn whole(query: &str, token: &str) -> Option<(u8, bool)> {
    grade(query, QueryType::PrefixNone, token)
}

fn prefix(query: &str, token: &str) -> Option<(u8, bool)> {
    grade(query, QueryType::PrefixAll, token)
}

#[test]
fn a_whole_word_is_exact_and_a_prefix_is_not() {
    assert_eq!(whole("invoice", "invoice"), Some((0, false)));
    assert_eq!(prefix("invo", "invoice"), Some((0, true)));
    assert_eq!(whole("invo", "invoice"), None);
}

#[test]
fn one_typo_is_allowed_from_four_letters_and_two_from_eight() {
    assert_eq!(whole("cat", "car"), None);
    assert_eq!(whole("cart", "card"), Some((1, true)));
    assert_eq!(whole("invoice", "invoxye"), None);
    assert_eq!(whole("schedule", "schedxly"), Some((2, true)));
    assert_eq!(whole("schedule", "scxedxly"), None);
}

#[test]
fn every_kind_of_typo_counts_once() {
    assert_eq!(whole("invoice", "invooice"), Some((1, true)));
    assert_eq!(whole("invoice", "invice"), Some((1, true)));
    assert_eq!(whole("invoice", "invoise"), Some((1, true)));
    assert_eq!(whole("invoice", "inovice"), Some((1, true)));
}

#[test]
fn a_typo_in_the_first_letter_counts_twice() {
    assert_eq!(whole("invoice", "onvoice"), None);
    assert_eq!(whole("schedule", "xchedule"), Some((2, true)));
    assert_eq!(whole("schedule", "chedule"), Some((2, true)));
    assert_eq!(whole("schedule", "cshedule"), Some((2, true)));
    assert_eq!(whole("schedule", "xchedulex"), None);
}

#[test]
fn a_prefix_may_hold_a_typo() {
    assert_eq!(prefix("invio", "invoice"), Some((1, true)));
    assert_eq!(prefix("onvo", "invoice"), None);
    assert_eq!(prefix("scehdu", "schedule"), Some((1, true)));
}

#[test]
fn numbers_have_no_typos() {
    assert_eq!(whole("20240101", "20240102"), None);
}

#[test]
fn words_written_together_match() {
    let words = Words::parse("data base", QueryType::PrefixLast, TypoTolerance::On);
    assert_eq!(
        words.words[0].grade("database"),
        Some(Grade {
            typos: 1,
            is_inexact: true
        })
    );
    assert_eq!(
        words.words[1].grade("databases"),
        Some(Grade {
            typos: 1,
            is_inexact: true
        })
    );
    let words = Words::parse("data base", QueryType::PrefixLast, TypoTolerance::Off);
    assert_eq!(words.words[0].grade("database"), None);
}

#[test]
fn a_separator_at_the_end_ends_the_prefix() {
    assert!(Words::parse("new inv", QueryType::PrefixLast, TypoTolerance::On).words[1].is_prefix);
    assert!(!Words::parse("new inv ", QueryType::PrefixLast, TypoTolerance::On).words[1].is_prefix);
    assert!(!Words::parse("new inv", QueryType::PrefixLast, TypoTolerance::On).words[0].is_prefix);
}

#[test]
fn endless_queries_are_cut() {
    let words = Words::parse(&"word ".repeat(10_000), QueryType::PrefixLast, TypoTolerance::On);
    assert_eq!(words.words.len(), crate::request::WORDS_MAX);
    Words::parse(&"é".repeat(10_000), QueryType::PrefixLast, TypoTolerance::On);
}
