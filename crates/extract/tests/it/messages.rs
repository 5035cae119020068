//! What a person is told of a file that yields no text: the file, what is wrong, the way out.

use std::mem::{Discriminant, discriminant};

use extract::pool::{Command, ExtractPool};
use extract::{Error, Limits, MediaType, extract};

use crate::fixtures::{archive, docx, locked, pdf, shown, xlsx};

/// One of each variant. A variant that is missing here does not compile below.
fn one_of_each() -> Vec<Error> {
    let (name, why) = ("a.pdf".to_owned(), "something".to_owned());
    let all = vec![
        Error::Unreadable {
            name: name.clone(),
            why: why.clone(),
            detail: Some("os error 5".to_owned()),
        },
        Error::Unsupported {
            name: name.clone(),
            media_type: "image/png".to_owned(),
        },
        Error::Protected { name: name.clone() },
        Error::Damaged {
            name: name.clone(),
            why: why.clone(),
            detail: Some("unexpected\n  end ".repeat(100)),
        },
        Error::TooLarge {
            name: name.clone(),
            why: why.clone(),
        },
        Error::TooDeep {
            name: name.clone(),
            depth_max: 256,
        },
        Error::TimedOut {
            name: name.clone(),
            time_ms_max: 30_000,
        },
        Error::OutOfMemory {
            name: name.clone(),
            memory_bytes_max: 512 << 20,
        },
        Error::Crashed {
            name: name.clone(),
            why: "index out of bounds".to_owned(),
        },
        Error::Unavailable { name, why },
    ];
    for error in &all {
        match error {
            Error::Unreadable { .. }
            | Error::Unsupported { .. }
            | Error::Protected { .. }
            | Error::Damaged { .. }
            | Error::TooLarge { .. }
            | Error::TooDeep { .. }
            | Error::TimedOut { .. }
            | Error::OutOfMemory { .. }
            | Error::Crashed { .. }
            | Error::Unavailable { .. } => {}
        }
    }
    all
}

/// A message has the file once, at its beginning, then the cause, then the way out, then what a library says.
fn check(error: &Error) {
    let said = error.to_string();
    let (cause, way_out) = (error.cause(), error.way_out());
    assert_eq!(said.matches(error.name()).count(), 1, "{said}");
    assert!(
        said.starts_with(&format!("`{}` {cause}; {way_out}", error.name())),
        "{said}"
    );
    assert!(!cause.is_empty() && way_out.len() > 10, "{said}");
    assert_eq!(
        said.contains(" ("),
        cause.contains(" (") || error.detail().is_some(),
        "{said}"
    );
    assert!(!said.contains('\n') && said.len() < 600, "{said}");
    assert!(!said.contains(" bytes") && !said.ends_with('.'), "{said}");
}

#[test]
fn every_kind_of_error_has_a_way_out() {
    let all = one_of_each();
    let kinds: std::collections::HashSet<Discriminant<Error>> = all.iter().map(discriminant).collect();
    assert_eq!(kinds.len(), all.len());
    all.iter().for_each(check);
}

#[test]
fn a_file_that_can_not_be_read_says_what_to_do() {
    let whole_docx = docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>");
    let whole_xlsx = xlsx("");
    let whole_pdf = pdf(&[&shown(&["Hello"])]);
    let old = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 2000]].concat();
    let spaces = " ".repeat(40 << 20);
    let deep = format!("{}x{}", "<a>".repeat(1_000), "</a>".repeat(1_000));
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("cut.docx", whole_docx[..whole_docx.len() / 2].to_vec()),
        ("cut.xlsx", whole_xlsx[..whole_xlsx.len() / 2].to_vec()),
        ("cut.pdf", whole_pdf[..whole_pdf.len() / 2].to_vec()),
        ("text.pdf", b"%PDF-1.7\nthis is no PDF at all".to_vec()),
        ("empty.docx", archive(&[("readme.txt", "x")])),
        ("empty.pptx", archive(&[("readme.txt", "x")])),
        ("empty.xlsx", archive(&[("readme.txt", "x")])),
        ("empty.odt", archive(&[("readme.txt", "x")])),
        ("empty.epub", archive(&[("readme.txt", "x")])),
        (
            "lost.epub",
            archive(&[("META-INF/container.xml", "<c><rootfile full-path='b.opf'/></c>")]),
        ),
        ("blank.epub", archive(&[("META-INF/container.xml", "<c/>")])),
        ("ends.docx", archive(&[("word/document.xml", "<d><w:p><w:t>Hello")])),
        ("torn.docx", archive(&[("word/document.xml", "<d><w:p></d>")])),
        ("headless.eml", b"\r\n\r\n".to_vec()),
        ("locked.xlsx", locked()),
        ("locked.docx", locked()),
        ("bomb.docx", archive(&[("word/document.xml", &spaces)])),
        ("deep.xml", deep.into_bytes()),
        ("crash.pdf", pdf(&["BT /Nowhere 12 Tf (x) Tj ET"])),
        ("old.doc", old.clone()),
        ("old.ppt", old.clone()),
        ("old.msg", old),
        ("plain.zip", archive(&[("a.txt", "x")])),
    ];
    let mut said: Vec<String> = Vec::new();
    for (name, bytes) in files {
        let error = extract(name, MediaType::UNKNOWN, &bytes, &Limits::default()).unwrap_err();
        check(&error);
        // A library's own words may change with the library.
        let text = error.to_string();
        said.push(match error.detail() {
            Some(_) => text.split(" (").next().unwrap().to_owned(),
            None => text,
        });
    }
    let limits = Limits {
        bytes_in_max: 5 << 20,
        ..Limits::default()
    };
    let large = [b"%PDF-1.7\n".as_slice(), &vec![0; (6 << 20) + (512 << 10)]].concat();
    let error = extract("large.pdf", MediaType::UNKNOWN, &large, &limits).unwrap_err();
    check(&error);
    said.push(error.to_string());
    let expected = include_str!("messages/expected.txt");
    assert_eq!(said.join("\n"), expected.trim_end());
}

#[test]
fn a_file_that_can_not_be_opened_says_what_to_do() {
    let command = Command {
        program: env!("CARGO_BIN_EXE_extract-child").into(),
        args: Vec::new(),
        children_max: 1,
    };
    let pool = ExtractPool::new(command, Limits::default());
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.txt");
    for (path, why) in [
        (missing.as_path(), "can't be read: it is not there any more"),
        (folder.path(), "can't be read: it is no regular file any more"),
    ] {
        // The folder on the server is nobody's business.
        let error = pool.extract_file(path, "notes/a.txt", "text/plain").unwrap_err();
        check(&error);
        assert_eq!((error.name(), error.cause().as_str()), ("notes/a.txt", why));
        assert!(
            !error.to_string().contains(&folder.path().display().to_string()),
            "{error}"
        );
    }
}
