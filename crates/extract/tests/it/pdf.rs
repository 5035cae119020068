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
