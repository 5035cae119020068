//! Files of every format with bytes flipped, cut and doubled: whatever comes of it, an answer comes and the pool lives.

use extract::Limits;
use extract::pool::{Command, ExtractPool};

use crate::fixtures::{archive, docx, message, pdf, shown, xlsx};

fn check(name: &str, original: &[u8]) {
    let command = Command {
        program: env!("CARGO_BIN_EXE_extract-child").into(),
        args: Vec::new(),
        children_max: 1,
    };
    let limits = Limits {
        memory_bytes_max: 256 << 20,
        ..Limits::default()
    };
    let pool = ExtractPool::new(command, limits);
    let step = (original.len() / 150).max(1);
    for at in (0..original.len()).step_by(step) {
        let mut flipped = original.to_vec();
        flipped[at] ^= 0x15;
        let mut raised = original.to_vec();
        raised[at] = 0xFF;
        let cut = &original[..at];
        let doubled = [&original[..at], original].concat();
        for (how, bytes) in [
            ("flipped", &*flipped),
            ("raised", &raised),
            ("cut", cut),
            ("doubled", &doubled),
        ] {
            if let Err(error) = pool.extract_bytes(name, "", bytes) {
                let reason = error.reason();
                let is_about_the_file = !matches!(reason, "timed out" | "extraction unavailable" | "unreadable file");
                assert!(is_about_the_file, "{name} {how} at {at}: {error}");
            }
        }
    }
    assert_eq!(
        pool.extract_bytes("a.txt", "", b"still here").unwrap().text,
        "still here"
    );
}

#[test]
fn mutated_documents_are_survived() {
    check("a.docx", &docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>"));
}

#[test]
fn mutated_workbooks_are_survived() {
    check("a.xlsx", &xlsx("<row r='1'><c r='A1'><v>1</v></c></row>"));
}

#[test]
fn mutated_pdfs_are_survived() {
    check(
        "a.pdf",
        &pdf(&[&shown(&["Hello tea", "second line"]), &shown(&["Page two"])]),
    );
}

#[test]
fn mutated_texts_of_opendocument_are_survived() {
    let odt = archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        (
            "content.xml",
            "<o xmlns:text='t'><text:h>Head</text:h><text:p>One</text:p></o>",
        ),
    ]);
    check("a.odt", &odt);
}

#[test]
fn mutated_texts_are_survived() {
    check(
        "a.html",
        b"<html><title>T</title><!-- c --><p class=\"x\">a &amp; b<script>x</script><td>1</table>",
    );
    check(
        "a.md",
        b"---\ntitle: x\n---\n# Head\n[a](b) `c` ![d](e) <f@g>\n```\ncode\n```\n",
    );
    check(
        "a.xml",
        b"<?xml version='1.0' encoding='utf-8'?><a b='c'><![CDATA[x]]>&amp;<d/></a>",
    );
    check(
        "a.json",
        br#"{"title": "x", "a": [1, 2.5, true, null, {"b": "\u00e9"}]}"#,
    );
    check("a.csv", b"a;b;c\n1;\"2;3\";4\n");
    check(
        "a.rtf",
        b"{\\rtf1\\ansi{\\fonttbl{\\f0 A;}}\\u8364?\\'fc\\bin3 xyz\\par}",
    );
    check(
        "a.eml",
        b"From: a@b.example\r\nSubject: =?utf-8?q?x=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x--\r\n",
    );
}

#[test]
fn mutated_mails_with_attachments_are_survived() {
    let attached = [
        (
            "a.docx",
            "application/octet-stream",
            docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>"),
        ),
        ("b.pdf", "application/pdf", pdf(&[&shown(&["Hello tea"])])),
    ];
    let inner = message(&attached);
    check("a.eml", &message(&[("inner.eml", "message/rfc822", inner)]));
}
