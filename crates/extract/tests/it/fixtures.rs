//! Small files of every kind, built where they are used so that a test shows what is in them.

use std::io::{Cursor, Write};

use extract::{Error, Extracted, Limits, MediaType, extract};
use zip::write::SimpleFileOptions;

/// Extracts a file by its name alone, under the default limits.
pub(crate) fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<Extracted, Error> {
    extract(name, MediaType::UNKNOWN, bytes.as_ref(), &Limits::default())
}

/// The text of a file that can be read.
pub(crate) fn text_of(name: &str, bytes: impl AsRef<[u8]>) -> String {
    read(name, bytes).unwrap().text
}

/// A ZIP archive of these parts.
pub(crate) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let method = if *name == "mimetype" {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        writer
            .start_file(*name, SimpleFileOptions::default().compression_method(method))
            .unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) const CORE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>Annual report</dc:title><dc:creator>Ada Example; Bo Example</dc:creator></cp:coreProperties>"#;

/// A word processor's document with that body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    let document = format!(r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
    archive(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", &document),
        (
            "word/footnotes.xml",
            "<w:footnotes xmlns:w='w'><w:p><w:r><w:t>A footnote</w:t></w:r></w:p></w:footnotes>",
        ),
        ("docProps/core.xml", CORE),
        ("docProps/app.xml", "<Properties><Pages>3</Pages></Properties>"),
    ])
}

/// A workbook of two sheets; the second is `second`, the first holds words, numbers and a date.
pub(crate) fn xlsx(second: &str) -> Vec<u8> {
    let second = format!(r#"<worksheet xmlns="m"><sheetData>{second}</sheetData></worksheet>"#);
    archive(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "_rels/.rels",
            r#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="Prices" sheetId="1" r:id="rId1"/><sheet name="Notes" sheetId="2" r:id="rId2"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#,
        ),
        (
            "xl/styles.xml",
            r#"<styleSheet><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>Item</t></si><si><t>Price</t></si><si><t>Green tea</t></si></sst>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet><sheetData>
            <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
            <row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>4.5</v></c><c r="C2" s="1"><v>45292</v></c></row>
            </sheetData></worksheet>"#,
        ),
        ("xl/worksheets/sheet2.xml", &second),
        ("docProps/core.xml", CORE),
    ])
}

/// A PDF of numbered objects; object 1 is the catalogue.
pub(crate) fn pdf_of(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        writeln!(out, "{} 0 obj", at + 1).unwrap();
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(out, "{offset:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(
        out,
        "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    out
}

/// A stream object with further entries in its dictionary.
pub(crate) fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!("<< /Length {} {entries} >>\nstream\n", content.len()).into_bytes();
    out.extend(content);
    out.extend(b"\nendstream");
    out
}

/// A PDF whose pages have these content streams, with title and author.
pub(crate) fn pdf(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 5 + page * 2)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} /MediaBox [0 0 612 792] >>",
            kids.join(" "),
            pages.len()
        )
        .into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
        b"<< /Title (Microsoft Word - Plan) /Author (Ada Example) >>".to_vec(),
    ];
    for (page, content) in pages.iter().enumerate() {
        let content_id = 6 + page * 2;
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents {content_id} 0 R >>"
            )
            .into_bytes(),
        );
        objects.push(stream("", content.as_bytes()));
    }
    pdf_of(&objects, "/Info 4 0 R")
}

/// A content stream that shows these lines one below the other.
pub(crate) fn shown(lines: &[&str]) -> String {
    let shown: Vec<String> = lines.iter().map(|line| format!("({line}) Tj 0 -14 Td ")).collect();
    format!("BT /F1 12 Tf 72 720 Td {}ET", shown.concat())
}

/// A PDF whose forms each show the next one ten times, twenty levels deep: read to the end of time.
pub(crate) fn endless() -> Vec<u8> {
    forms(|level| if level < 20 { Some(level + 1) } else { None })
}

/// A PDF whose form shows itself: the reader's stack overflows.
pub(crate) fn bottomless() -> Vec<u8> {
    forms(Some)
}

fn forms(next: impl Fn(usize) -> Option<usize>) -> Vec<u8> {
    let first = 5;
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9] >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X {first} 0 R >> >> >>")
            .into_bytes(),
        stream("", b"/X Do"),
    ];
    for level in 0..=20 {
        let entries = next(level).map_or_else(
            || "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << >>".to_owned(),
            |next| {
                let id = first + next;
                format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {id} 0 R >> >>")
            },
        );
        let content = if next(level).is_some() {
            "/X Do ".repeat(10)
        } else {
            "q Q".to_owned()
        };
        objects.push(stream(&entries, content.as_bytes()));
    }
    pdf_of(&objects, "")
}

/// What office programs save with a password: a container that only names the encrypted package in it.
pub(crate) fn locked() -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(512, 0);
    bytes.extend("EncryptedPackage\0".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(1024, 0);
    bytes
}

/// A message with a body and these attachments: name, media type, content.
pub(crate) fn message(attached: &[(&str, &str, Vec<u8>)]) -> Vec<u8> {
    let mut mail = b"From: Ada <ada@example.org>\r\nSubject: Papers\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
        .to_vec();
    for (name, media_type, content) in attached {
        let content = base64(content);
        write!(
            mail,
            "--xx\r\nContent-Type: {media_type}; name=\"{name}\"\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{content}\r\n"
        )
        .unwrap();
    }
    mail.extend(b"--xx--\r\n");
    mail
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (at, three) in bytes.chunks(3).enumerate() {
        if at > 0 && at % 19 == 0 {
            text.push_str("\r\n");
        }
        let number = three
            .iter()
            .fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[number >> (18 - 6 * place) & 63];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}
