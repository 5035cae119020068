//! PDF: text, properties, passwords and pages that break.

use extract::{Limits, MediaType, extract};
use pdf_extract::{Document, EncryptionState, EncryptionVersion, Permissions};

use crate::fixtures::{pdf, pdf_of, read, shown, stream};

#[test]
fn pages_yield_lines() {
    let found = read(
        "a.pdf",
        pdf(&[&shown(&["Hello tea", "second line"]), &shown(&["Page two"])]),
    )
    .unwrap();
    assert_eq!(found.text, "Hello tea\nsecond line\n\nPage two");
    assert_eq!(found.pages, Some(2));
    assert_eq!(found.title.as_deref(), Some("Plan"));
    assert_eq!(found.authors, ["Ada Example"]);
    assert!(!found.truncated);
}

#[test]
fn words_that_are_placed_apart_stay_apart() {
    let found = read(
        "a.pdf",
        pdf(&["BT /F1 12 Tf 72 720 Td (left) Tj 200 0 Td (right) Tj ET"]),
    )
    .unwrap();
    assert_eq!(found.text, "left right");
}

#[test]
fn only_so_many_pages_are_read() {
    let limits = Limits {
        pages_max: 2,
        ..Limits::default()
    };
    let pages = [&*shown(&["one"]), &*shown(&["two"]), &*shown(&["three"])];
    let found = extract("a.pdf", MediaType::UNKNOWN, &pdf(&pages), &limits).unwrap();
    assert_eq!(found.text, "one\n\ntwo");
    assert_eq!(found.pages, Some(3));
    assert!(found.truncated);
}

#[test]
fn a_page_that_breaks_the_reader_costs_only_itself() {
    // A font that is not there makes the reader panic.
    let found = read(
        "a.pdf",
        pdf(&[&shown(&["one"]), "BT /Nowhere 12 Tf (two) Tj ET", &shown(&["three"])]),
    )
    .unwrap();
    assert_eq!(found.text, "one\n\nthree");
    assert!(found.truncated);
    let error = read("a.pdf", pdf(&["BT /Nowhere 12 Tf (x) Tj ET"])).unwrap_err();
    assert_eq!(error.reason(), "reader crashed");
}

#[test]
fn a_password_is_asked_for_only_where_it_is_needed() {
    let encrypted = |password: &str| {
        let mut document = Document::load_mem(&pdf(&[&shown(&["Hello tea"])])).unwrap();
        let id = pdf_extract::Object::string_literal("0123456789abcdef");
        document.trailer.set("ID", vec![id.clone(), id]);
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: password,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(
        read("a.pdf", encrypted("secret")).unwrap_err().reason(),
        "password protected"
    );
    assert_eq!(read("a.pdf", encrypted("")).unwrap().text, "Hello tea");
}

#[test]
fn damaged_files_are_said_to_be_damaged() {
    let whole = pdf(&[&shown(&["Hello tea"])]);
    let cut = &whole[..whole.len() / 2];
    for bytes in [
        cut,
        b"%PDF-1.4\n".as_slice(),
        b"%PDF-1.4\nstartxref\n99999999\n%%EOF".as_slice(),
    ] {
        let error = read("a.pdf", bytes).unwrap_err();
        assert_eq!(error.reason(), "damaged file", "{error}");
    }
}

#[test]
fn a_file_that_lost_its_table_of_objects_is_read_all_the_same() {
    let whole = pdf(&[&shown(&["Hello tea"])]);
    let table = whole.windows(5).position(|window| window == b"xref\n").unwrap();
    let mut moved = whole[..9].to_vec();
    moved.extend(b"% a line that somebody's program put in front of everything else\n");
    moved.extend(&whole[9..]);
    for bytes in [&whole[..table], &moved] {
        let found = read("a.pdf", bytes).unwrap();
        assert_eq!(found.text, "Hello tea");
        assert_eq!(found.pages, Some(1));
    }
}

/// A page whose letters are placed one by one, in a font that gives one width for all of them.
fn letter_by_letter(encoding: &str, map: &str) -> Vec<u8> {
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 612 792] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>".to_vec(),
        stream(
            "",
            b"BT /F1 10 Tf 72 720 Td <0074> Tj 6 0 Td <0065> Tj 6 0 Td <0061> Tj 12 0 Td <0063> Tj ET",
        ),
        format!("<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /{encoding} /DescendantFonts [6 0 R] {map} >>")
            .into_bytes(),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /FontDescriptor << >> /DW 0 /W [0 200 600] >>".to_vec(),
        stream(
            "",
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0061> <007A> <0061> endbfrange",
        ),
    ];
    pdf_of(&objects, "")
}

#[test]
fn letters_that_are_placed_one_by_one_make_words() {
    let found = read("a.pdf", letter_by_letter("Identity-H", "/ToUnicode 7 0 R")).unwrap();
    assert_eq!(found.text, "tea c");
}

#[test]
fn a_font_that_is_encoded_in_unicode_needs_no_map() {
    let found = read("a.pdf", letter_by_letter("UniJIS-UCS2-H", "")).unwrap();
    assert_eq!((found.text.as_str(), found.truncated), ("tea c", false));
}

#[test]
fn colours_that_nobody_understands_cost_no_text() {
    let page = format!("/Nowhere cs 1 2 3 scn {} /Nowhere gs", shown(&["Hello tea"]));
    let found = read("a.pdf", pdf(&[&shown(&["one"]), &page, &shown(&["three"])])).unwrap();
    assert_eq!(
        (found.text.as_str(), found.truncated),
        ("one\n\nHello tea\n\nthree", false)
    );
}

#[test]
fn a_scan_has_no_text_and_no_error() {
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec(),
        stream("", b"0 0 9 9 re f"),
    ];
    let found = read("scan.pdf", pdf_of(&objects, "")).unwrap();
    assert_eq!((found.text.as_str(), found.pages), ("", Some(1)));
}
