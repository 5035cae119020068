//! Files that are broken or mean harm. In this process: what must not even need a child to survive it.

use extract::{Limits, MediaType, extract};

use crate::fixtures::{archive, docx, pdf, read, shown, text_of, xlsx};

#[test]
fn an_empty_file_holds_nothing_whatever_its_name() {
    for name in [
        "a.txt", "a.pdf", "a.docx", "a.xlsx", "a.eml", "a.json", "a.xml", "a", "a.bin",
    ] {
        let found = read(name, "").unwrap();
        assert_eq!(found.text, "", "{name}");
    }
}

#[test]
fn a_zip_bomb_is_too_large() {
    let spaces = " ".repeat(40 << 20);
    let bomb = archive(&[("word/document.xml", &format!("<d>{spaces}</d>"))]);
    let error = read("bomb.docx", &bomb).unwrap_err();
    assert_eq!(error.reason(), "too large", "{error}");
    assert!(error.to_string().contains("`bomb.docx`"));
    let bomb = xlsx(&spaces);
    assert_eq!(read("bomb.xlsx", &bomb).unwrap_err().reason(), "too large");
}

#[test]
fn parts_that_are_small_one_by_one_count_together() {
    let spaces = " ".repeat(6 << 20);
    let page = format!("<html><p>x{spaces}</p></html>");
    let epub = archive(&[
        ("META-INF/container.xml", "<c><rootfile full-path='b.opf'/></c>"),
        (
            "b.opf",
            "<p><item id='a' href='1'/><item id='b' href='2'/><item id='c' href='3'/><itemref idref='a'/><itemref idref='b'/><itemref idref='c'/></p>",
        ),
        ("1", &page),
        ("2", &page),
        ("3", &page),
    ]);
    assert_eq!(read("a.epub", epub).unwrap_err().reason(), "too large");
}

#[test]
fn deep_nesting_is_refused_or_flattened() {
    let deep = format!("{}x{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let error = read("deep.xml", &deep).unwrap_err();
    assert_eq!(error.reason(), "nested too deeply");
    assert_eq!(
        read("deep.docx", docx(&deep)).unwrap_err().reason(),
        "nested too deeply"
    );
    // Tags of a page are not nested by us, so depth costs nothing.
    let page = format!("{}x", "<div>".repeat(100_000));
    assert_eq!(text_of("deep.html", page), "x");
    let json = format!("{}\"x\"{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(text_of("deep.json", json).contains("\"x\""));
    let groups = "{".repeat(100_000);
    assert_eq!(text_of("deep.rtf", format!("{{\\rtf1 x{groups}")), "x");
}

#[test]
fn a_billion_laughs_are_not_laughed() {
    let entities: Vec<String> = (1..10)
        .map(|level| {
            let before = format!("&l{};", level - 1).repeat(10);
            format!("<!ENTITY l{level} \"{before}\">")
        })
        .collect();
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY l0 \"lol\">{}]><l>before &l9; after &amp;</l>",
        entities.concat()
    );
    assert_eq!(text_of("laughs.xml", &bomb), "before after &");
    let word = bomb
        .replace("<l>", "<w:p xmlns:w='w'><w:t>")
        .replace("</l>", "</w:t></w:p>");
    let bytes = archive(&[("word/document.xml", &word)]);
    assert_eq!(text_of("laughs.docx", bytes), "before  after &");
}

#[test]
fn no_file_outside_is_ever_read_through_an_entity() {
    let text = text_of(
        "xxe.xml",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><a>[&e;]</a>",
    );
    assert_eq!(text, "[]");
}

#[test]
fn cut_files_are_damaged() {
    let document = docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>");
    let book = xlsx("");
    for (name, bytes) in [("a.docx", &document), ("a.xlsx", &book)] {
        for part in [2, 3] {
            let error = read(name, &bytes[..bytes.len() * (part - 1) / part]).unwrap_err();
            assert_eq!(error.reason(), "damaged file", "{name}: {error}");
        }
    }
    let ends_early = archive(&[("word/document.xml", "<d><w:p><w:t>Hello")]);
    assert_eq!(read("a.docx", ends_early).unwrap_err().reason(), "damaged file");
    let no_parts = archive(&[("readme.txt", "x")]);
    for name in ["a.docx", "a.pptx", "a.xlsx", "a.odt", "a.epub"] {
        assert_eq!(read(name, &no_parts).unwrap_err().reason(), "damaged file", "{name}");
    }
}

#[test]
fn broken_xml_and_html_still_yield_their_words() {
    assert_eq!(text_of("a.xml", "<a><b>one</c> two <unclosed"), "one two");
    assert_eq!(
        text_of("a.html", "<p>one<b <i>two</p></p></x> <!-- never closed"),
        "onetwo"
    );
    assert_eq!(text_of("a.html", "<a href=\"never closed>one</a> <p>two"), "one\n\ntwo");
    assert_eq!(text_of("a.html", "<script>never closed"), "");
    assert_eq!(
        text_of("a.html", "a &#xFFFFFFFF; &#0; &; &# b"),
        "a &#xFFFFFFFF; &; &# b"
    );
}

#[test]
fn wrong_bytes_become_replacement_letters_or_a_guess() {
    let mut bytes = "Größe und Länge, überall für alle".repeat(10).into_bytes();
    bytes.push(0xFF);
    bytes.extend(" Ende".bytes());
    let text = text_of("a.txt", &bytes);
    assert!(text.starts_with("Größe") && text.ends_with("\u{FFFD} Ende"), "{text}");
    assert!(read("a.txt", [0x80, 0x81, 0xFE, 0xFF, b'x']).is_ok());
    assert!(read("a.csv", [b'"', 0xFF, b',', 0xC3, b'\n', b'"']).is_ok());
}

#[test]
fn a_huge_line_is_cut_like_any_text() {
    let line = "word ".repeat(2 << 20);
    for name in ["a.txt", "a.md", "a.html", "a.csv", "a.xml", "a.rs"] {
        let found = read(name, &line).unwrap();
        assert!(
            found.truncated && found.text.len() <= Limits::default().text_bytes_max,
            "{name}"
        );
    }
}

#[test]
fn a_large_container_is_refused_unread() {
    let limits = Limits {
        bytes_in_max: 100,
        ..Limits::default()
    };
    let error = extract("a.pdf", MediaType::UNKNOWN, &pdf(&[&shown(&["x"])]), &limits).unwrap_err();
    assert_eq!(error.reason(), "too large", "{error}");
    let picture = [b"\x89PNG\r\n\x1A\n".to_vec(), vec![0; 200]].concat();
    let error = extract("a.png", MediaType::UNKNOWN, &picture, &limits).unwrap_err();
    assert_eq!(error.reason(), "unsupported format", "{error}");
}

#[test]
fn a_message_without_headers_is_damaged() {
    assert!(read("a.eml", "\r\n\r\n").is_err_and(|error| error.reason() == "damaged file"));
}
