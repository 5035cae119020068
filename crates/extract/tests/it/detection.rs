//! What a file is taken for.

use std::path::Path;

use extract::{Format, MediaType, detect};

use crate::fixtures::{archive, docx, pdf, read, shown};

#[test]
fn extensions_tell_kinds_of_text_apart() {
    for (path, media_type) in [
        ("a/notes.txt", "text/plain"),
        ("README", "text/plain"),
        ("a/README.md", "text/markdown"),
        ("lib.rs", "text/x-rust"),
        ("Main.JAVA", "text/x-java"),
        ("Makefile", "text/x-source"),
        ("index.htm", "text/html"),
        ("data.JSON", "application/json"),
        ("pic.svg", "image/svg+xml"),
        ("unknown.zzz", "text/plain"),
    ] {
        assert_eq!(detect(Path::new(path), b"some words\n").as_str(), media_type, "{path}");
    }
}

#[test]
fn bytes_win_over_extensions() {
    for (path, bytes, media_type) in [
        ("a.txt", b"%PDF-1.7\n".to_vec(), "application/pdf"),
        ("a.txt", b"\x89PNG\r\n\x1A\n....".to_vec(), "image/png"),
        ("a.ts", b"G@\0\x10\0\0\0\0\0".to_vec(), "application/octet-stream"),
        ("a.pdf", b"<!DOCTYPE html><title>404</title>".to_vec(), "text/html"),
        ("a.docx", b"just words".to_vec(), "text/plain"),
        ("a", b"<?xml version='1.0'?><a/>".to_vec(), "application/xml"),
        ("a", b"#!/bin/sh\n".to_vec(), "text/x-source"),
        ("a", b"Received: from x\r\n".to_vec(), "message/rfc822"),
        (
            "a.docx",
            archive(&[("x", "y")]),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "a.txt",
            archive(&[("mimetype", "application/epub+zip")]),
            "application/epub+zip",
        ),
    ] {
        assert_eq!(detect(Path::new(path), &bytes).as_str(), media_type, "{path} {bytes:?}");
    }
}

#[test]
fn what_is_believed_decides_only_what_the_bytes_leave_open() {
    let settled = |name: &str, believed: &str, bytes: &[u8]| {
        let limits = extract::Limits::default();
        extract::extract(name, MediaType::from_name(believed), bytes, &limits)
            .unwrap()
            .media_type
            .to_string()
    };
    assert_eq!(settled("page.php", "text/html; charset=utf-8", b"<p>x"), "text/html");
    assert_eq!(settled("a.rs", "text/plain", b"fn x() {}"), "text/x-rust");
    assert_eq!(settled("a", "image/png", b"only words"), "text/plain");
    assert_eq!(settled("a", "text/plain", &pdf(&[&shown(&["x"])])), "application/pdf");
}

#[test]
fn a_document_without_an_extension_is_known_by_its_parts() {
    let found = read("attachment-1", docx("<w:p><w:r><w:t>Hi</w:t></w:r></w:p>")).unwrap();
    assert_eq!(found.media_type.format(), Format::Docx);
    assert!(found.text.starts_with("Hi"));
}

#[test]
fn what_nothing_reads_is_unsupported_and_named() {
    for (name, bytes) in [
        ("pic.png", b"\x89PNG\r\n\x1A\n\0\0".to_vec()),
        ("tool.exe", b"MZ\x90\0\x03\0\0\0".to_vec()),
        ("noise.bin", vec![0, 1, 2, 3, 0xFF, 0, 7]),
        ("plain.zip", archive(&[("a.txt", "x")])),
        (
            "old.doc",
            [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 2000]].concat(),
        ),
    ] {
        let error = read(name, bytes).unwrap_err();
        assert_eq!(error.reason(), "unsupported format", "{name}: {error}");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
}

#[test]
fn every_name_in_the_table_finds_itself() {
    for name in [
        "application/pdf",
        "text/x-rust",
        "text/x-markdown",
        "application/xhtml+xml",
    ] {
        assert_ne!(MediaType::from_name(name), MediaType::UNKNOWN, "{name}");
    }
    assert_eq!(
        MediaType::from_name("application/vnd.api+json").as_str(),
        "application/json"
    );
    assert_eq!(MediaType::from_name("text/x-something-new"), MediaType::TEXT);
    assert_eq!(MediaType::from_name(""), MediaType::UNKNOWN);
}
