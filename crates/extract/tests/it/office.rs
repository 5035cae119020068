//! Documents, sheets, slides and books.

use crate::fixtures::{CORE, archive, docx, read, text_of, xlsx};

#[test]
fn a_document_yields_paragraphs_tables_and_notes() {
    let found = read(
        "a.docx",
        docx(
            "<w:p><w:r><w:t>Hello </w:t></w:r><w:r><w:t xml:space='preserve'>w&#246;rld &amp; all</w:t></w:r></w:p>\
             <w:p><w:r><w:t>A</w:t><w:tab/><w:t>B</w:t><w:br/><w:t>C</w:t></w:r></w:p>\
             <w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        ),
    )
    .unwrap();
    assert_eq!(found.title.as_deref(), Some("Annual report"));
    assert_eq!(found.authors, ["Ada Example", "Bo Example"]);
    assert_eq!(found.pages, Some(3));
    assert_eq!(found.text, "Hello wörld & all\nA\tB\nC\n1 \t2\n\nA footnote");
}

#[test]
fn a_workbook_yields_its_sheets_row_by_row() {
    let found = read(
        "a.xlsx",
        xlsx(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Buy more</t></is></c></row>"#),
    )
    .unwrap();
    assert_eq!(
        found.text,
        "Prices\nItem\tPrice\nGreen tea\t4.5\t2024-01-01\n\nNotes\nBuy more"
    );
    assert_eq!(found.pages, Some(2));
    assert_eq!(found.title.as_deref(), Some("Annual report"));
}

#[test]
fn a_cell_at_the_far_end_of_a_sheet_costs_nothing() {
    let found = read(
        "a.xlsx",
        xlsx(r#"<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>"#),
    )
    .unwrap();
    assert!(found.text.ends_with("Notes\n7"));
}

#[test]
fn slides_yield_text_and_notes_in_order() {
    let slide = |title: &str, text: &str| {
        format!(
            "<p:sld xmlns:p='p' xmlns:a='a'><p:sp><p:nvPr><p:ph type='ctrTitle'/></p:nvPr><a:p><a:r><a:t>{title}</a:t></a:r></a:p></p:sp>\
             <p:sp><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp></p:sld>"
        )
    };
    let found = read(
        "a.pptx",
        archive(&[
            ("ppt/presentation.xml", "<p/>"),
            ("ppt/slides/slide10.xml", &slide("Last", "ten")),
            ("ppt/slides/slide2.xml", &slide("First", "two")),
            (
                "ppt/notesSlides/notesSlide2.xml",
                "<n xmlns:a='a'><a:p><a:t>Say this</a:t></a:p></n>",
            ),
        ]),
    )
    .unwrap();
    assert_eq!(found.text, "First\ntwo\n\nSay this\n\nLast\nten");
    assert_eq!(found.title.as_deref(), Some("First"));
    assert_eq!(found.pages, Some(2));
}

#[test]
fn opendocument_texts_and_sheets_are_read() {
    let odt = archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        (
            "content.xml",
            "<o xmlns:text='t'><text:h>Head</text:h><text:p>One<text:s text:c='2'/>two<text:note>fn</text:note></text:p><text:p/></o>",
        ),
        (
            "meta.xml",
            "<m xmlns:dc='d'><dc:title>An ODT</dc:title><dc:creator>Ada</dc:creator></m>",
        ),
    ]);
    let found = read("a.odt", odt).unwrap();
    assert_eq!(found.text, "Head\nOne two fn");
    assert_eq!(found.title.as_deref(), Some("An ODT"));
    assert_eq!(found.authors, ["Ada"]);

    let ods = archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "content.xml",
            "<o xmlns:table='b' xmlns:text='t'><table:table table:name='Costs'><table:table-row>\
             <table:table-cell><text:p>Tea</text:p></table:table-cell>\
             <table:table-cell table:number-columns-repeated='1000000000'><text:p>4,50 €</text:p></table:table-cell>\
             </table:table-row><table:table-row table:number-rows-repeated='1048576'><table:table-cell/></table:table-row></table:table></o>",
        ),
    ]);
    let found = read("a.ods", ods).unwrap();
    assert_eq!(found.text, "Costs\nTea \t4,50 €");
    assert_eq!(found.pages, Some(1));
}

#[test]
fn a_book_yields_its_chapters_in_reading_order() {
    let epub = archive(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", "<c><rootfile full-path='OPS/book.opf'/></c>"),
        (
            "OPS/book.opf",
            "<package xmlns:dc='d'><dc:title>A book</dc:title><dc:creator>Ada</dc:creator><manifest>\
             <item id='b' href='b.xhtml'/><item id='a' href='a.xhtml'/></manifest>\
             <spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
        ),
        ("OPS/b.xhtml", "<html><title>B</title><p>Second</p></html>"),
        ("OPS/a.xhtml", "<html><title>A</title><p>First</p></html>"),
    ]);
    let found = read("a.epub", epub).unwrap();
    assert_eq!(found.text, "First\n\nSecond");
    assert_eq!(found.title.as_deref(), Some("A book"));
    assert_eq!(found.authors, ["Ada"]);
}

#[test]
fn encrypted_office_files_are_password_protected() {
    let mut wrapped = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    wrapped.resize(1024, 0);
    wrapped.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    wrapped.resize(4096, 0);
    let odt = archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("META-INF/manifest.xml", "<manifest:encryption-data/>"),
        ("content.xml", "\u{1}\u{2}"),
    ]);
    for (name, bytes) in [
        ("a.docx", &wrapped),
        ("a.xlsx", &wrapped),
        ("a", &wrapped),
        ("a.odt", &odt),
    ] {
        assert_eq!(read(name, bytes).unwrap_err().reason(), "password protected", "{name}");
    }
}

#[test]
fn a_broken_footnote_does_not_cost_the_body() {
    let found = text_of(
        "a.docx",
        archive(&[
            ("word/document.xml", "<d xmlns:w='w'><w:p><w:t>Body</w:t></w:p></d>"),
            ("word/footnotes.xml", "<d><unclosed>"),
            ("docProps/core.xml", CORE),
        ]),
    );
    assert_eq!(found, "Body");
}
