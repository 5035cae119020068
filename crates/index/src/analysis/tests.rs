//! What is a word.

use super::{Purpose, TOKEN_CHARS_MAX, tokens};

fn check(text: &str, expected: &str) {
    let found: Vec<String> = tokens(text, Purpose::Document)
        .into_iter()
        .map(|token| {
            assert!(text.is_char_boundary(token.range.start) && text.is_char_boundary(token.range.end));
            format!("{}@{}", token.text, token.position)
        })
        .collect();
    assert_eq!(found.join(" "), expected, "tokens of {text:?}");
}

fn check_query(text: &str, expected: &str) {
    let found: Vec<String> = tokens(text, Purpose::Query)
        .into_iter()
        .map(|token| token.text)
        .collect();
    assert_eq!(found.join(" "), expected, "words of {text:?}");
}

#[test]
fn words_are_lower_cased_and_lose_their_accents() {
    check("Crème BRÛLÉE, Straße!", "creme@0 brulee@1 strasse@2");
    check("Łódź Þór æon", "lodz@0 thor@1 aeon@2");
    check("e\u{301}te\u{301}", "ete@0");
}

#[test]
fn names_in_code_and_files_yield_the_whole_and_its_parts() {
    check("getUserName", "getusername@0 get@0 user@1 name@2");
    check("HTTPServer v2", "httpserver@0 http@0 server@1 v2@2 v@2 2@3");
    check("snake_case-file.txt", "snake@0 case@1 file@2 txt@3");
    check("invoice2024", "invoice2024@0 invoice@0 2024@1");
    check("Word", "word@0");
}

#[test]
fn a_single_letter_and_what_it_is_joined_to_are_also_one_word() {
    check("e-mail", "email@0 e@0 mail@1");
    check("a T-shirt’s", "a@0 tshirt@1 t@1 shirts@2 shirt@2 s@3");
    check("don't L'avion", "dont@0 don@0 t@1 lavion@2 l@2 avion@3");
    check("x-rayVision", "xrayvision@0 x@0 rayvision@1 ray@1 vision@2");
    check(
        "well-known 3-4 B-52 a- b",
        "well@0 known@1 3@2 4@3 b52@4 b@4 52@5 a@6 b@7",
    );
    check(&format!("a-{}", "x".repeat(47)), &format!("a@0 {}@1", "x".repeat(47)));
    check_query("e-mail", "e mail");
}

#[test]
fn encoded_bytes_are_not_cut_into_parts() {
    check("aGVsbG8gd29ybGQ", "agvsbg8gd29ybgq@0");
    check("a1b2c3d4e5f6", "a1b2c3d4e5f6@0");
}

#[test]
fn scripts_without_spaces_yield_characters_and_pairs() {
    check("東京都", "東@0 東京@0 京@1 京都@1 都@2");
    check("PDF作成 ok", "pdf@0 作@1 作成@1 成@2 ok@3");
    check_query("東京都", "東京 京都");
    check_query("東", "東");
    check_query("東 京", "東 京");
}

#[test]
fn decomposed_and_composed_text_is_the_same() {
    check_query("ガイド", "カ\u{3099}イ イト\u{3099}");
    check_query("カ\u{3099}イト\u{3099}", "カ\u{3099}イ イト\u{3099}");
    check_query("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}");
}

#[test]
fn a_query_keeps_its_words_whole() {
    check_query("getUserName mp3", "getusername mp3");
}

#[test]
fn a_soft_hyphen_does_not_part_a_word() {
    check("co\u{ad}operate", "cooperate@0");
}

#[test]
fn long_tokens_are_cut() {
    let found = tokens(&"x".repeat(5_000), Purpose::Document);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text.chars().count(), TOKEN_CHARS_MAX);
}

#[test]
fn nothing_but_signs_yields_nothing() {
    check("", "");
    check(" \t\n---!?… \u{0} \u{200b} 🎉", "");
    check("\u{301}", "");
    check("❤\u{fe0f} \u{20e3} \u{e0100}\u{ff9e} ∑\u{20d7}", "");
}

#[test]
fn how_a_sign_looks_makes_no_other_word() {
    check("1\u{fe0f}\u{20e3} ok\u{fe0f}", "1@0 ok@1");
    check_query("葛\u{e0100}城", "葛城");
    check_query("ｶﾞｲﾄﾞ", "カ\u{3099}イ イト\u{3099}");
}
