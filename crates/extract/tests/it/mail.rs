//! Messages: people, bodies, and what is attached to them.

use extract::pool::{Command, ExtractPool};
use extract::{Limits, MediaType, extract};

use crate::fixtures::{archive, bottomless, docx, endless, locked, message, pdf, read, shown, text_of, xlsx};

fn words(text: &str) -> Vec<u8> {
    docx(&format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"))
}

fn pool(limits: Limits) -> ExtractPool {
    let command = Command {
        program: env!("CARGO_BIN_EXE_extract-child").into(),
        args: Vec::new(),
        children_max: 1,
    };
    ExtractPool::new(command, limits)
}

#[test]
fn a_message_has_subject_people_body_and_attachments() {
    let message = "From: =?utf-8?q?Ad=C3=A9?= <ade@example.org>\r\nTo: Bo <bo@example.org>, cy@example.org\r\n\
        Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\nDate: Tue, 1 Jul 2025 10:00:00 +0200\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
        <p>Hello <b>all</b></p>\r\n--xx\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\n\
        Content-Disposition: attachment; filename=\"plan.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--xx--\r\n";
    let found = read("a.eml", message).unwrap();
    assert_eq!(found.title.as_deref(), Some("Grüße"));
    assert_eq!(
        found.authors,
        ["Adé <ade@example.org>", "Bo <bo@example.org>", "cy@example.org"]
    );
    assert!(found.text.contains("Hello all"), "{}", found.text);
    assert!(found.text.contains("From: Adé <ade@example.org>"), "{}", found.text);
    assert!(found.text.contains("Attachments: plan.pdf"), "{}", found.text);
    assert_eq!(found.media_type.as_str(), "message/rfc822");
}

#[test]
fn the_text_of_attachments_follows_the_body() {
    let found = read(
        "a.eml",
        message(&[
            ("plan.pdf", "application/pdf", pdf(&[&shown(&["Green tea"])])),
            ("letter.docx", "application/octet-stream", words("Dear Bo")),
            ("prices.xlsx", "application/vnd.ms-excel", xlsx("")),
            ("list.csv", "text/csv", b"name,city\nAda,Rome\n".to_vec()),
            (
                "page.html",
                "text/html",
                b"<title>Tea</title><p>Steep <b>it</b>".to_vec(),
            ),
            ("logo.png", "image/png", b"\x89PNG\r\n\x1A\n\0\0".to_vec()),
            ("empty.txt", "text/plain", Vec::new()),
        ]),
    )
    .unwrap();
    assert_eq!(
        found.text,
        "From: Ada <ada@example.org>\n\nSee below.\n\n\
         Attachments: plan.pdf, letter.docx, prices.xlsx, list.csv, page.html, logo.png, empty.txt\n\n\
         plan.pdf\nPlan\nGreen tea\n\n\
         letter.docx\nAnnual report\nDear Bo\n\nA footnote\n\n\
         prices.xlsx\nAnnual report\nPrices\nItem\tPrice\nGreen tea\t4.5\t2024-01-01\n\nNotes\n\n\
         list.csv\nname\tcity\nAda\tRome\n\n\
         page.html\nTea\nSteep it"
    );
    assert_eq!((found.title.as_deref(), found.pages), (Some("Papers"), None));
    assert!(!found.truncated);
}

#[test]
fn an_attachment_that_can_not_be_read_says_why_and_costs_nothing_else() {
    let whole = words("Dear Bo");
    let spaces = " ".repeat(40 << 20);
    let found = read(
        "a.eml",
        message(&[
            ("locked.docx", "application/octet-stream", locked()),
            (
                "cut.docx",
                "application/octet-stream",
                whole[..whole.len() / 2].to_vec(),
            ),
            ("crash.pdf", "application/pdf", pdf(&["BT /Nowhere 12 Tf (x) Tj ET"])),
            (
                "bomb.docx",
                "application/octet-stream",
                archive(&[("word/document.xml", &spaces)]),
            ),
            ("letter.docx", "application/octet-stream", whole),
        ]),
    )
    .unwrap();
    let said = found.text.split_once("letter.docx\n\n").unwrap().1;
    assert_eq!(
        said,
        "locked.docx\nNot read: it is protected by a password; save a copy without the password\n\n\
         cut.docx\nNot read: it is damaged: it is no whole archive, as after a copy that was cut short; open it and save it \
         anew, or copy it again from where it came from\n\n\
         crash.pdf\nNot read: it makes its reader crash; open it and save it anew, and report the fault if that does not \
         help\n\n\
         bomb.docx\nNot read: it is too large: it unpacks to more than 16 MiB; split it\n\n\
         letter.docx\nAnnual report\nDear Bo\n\nA footnote"
    );
    assert!(found.truncated);
}

#[test]
fn what_is_torn_on_its_way_is_no_text() {
    let mail = String::from_utf8(message(&[(
        "plan.pdf",
        "application/pdf",
        pdf(&[&shown(&["Green tea"])]),
    )]))
    .unwrap();
    let torn = mail.replace("JVBERi", "JVB%%%ERi");
    let text = text_of("a.eml", torn);
    assert!(
        text.contains("Not read: it is damaged") && !text.contains("ERi"),
        "{text}"
    );
}

#[test]
fn a_message_in_a_message_is_read_so_many_times_deep() {
    let mut mail = message(&[("deep.txt", "text/plain", b"the innermost".to_vec())]);
    for depth in 0..6 {
        mail = message(&[(&format!("{depth}.eml"), "application/octet-stream", mail)]);
    }
    let text = text_of("a.eml", &mail);
    assert!(
        text.contains("the innermost") && text.matches("Subject: Papers").count() == 6,
        "{text}"
    );
    for depth in 6..20 {
        mail = message(&[(&format!("{depth}.eml"), "message/rfc822", mail)]);
    }
    let found = read("a.eml", &mail).unwrap();
    assert_eq!(found.text.matches("See below.").count(), 8);
    assert!(!found.text.contains("the innermost") && found.truncated);
    let plain = "Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\
        Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nwords\r\n--y--\r\n";
    assert_eq!(text_of("a.eml", plain), "Subject: inner\n\nwords");
}

#[test]
fn a_thousand_attachments_are_read_and_no_more() {
    let names: Vec<String> = (0..1_001).map(|number| format!("{number}.txt")).collect();
    let attached: Vec<(&str, &str, Vec<u8>)> = names
        .iter()
        .map(|name| (name.as_str(), "text/plain", format!("words of {name}").into_bytes()))
        .collect();
    let found = read("a.eml", message(&attached[..1_000])).unwrap();
    assert!(found.text.ends_with("999.txt\nwords of 999.txt") && !found.truncated);
    let found = read("a.eml", message(&attached)).unwrap();
    assert!(found.text.contains("999.txt, 1000.txt") && !found.text.contains("words of 1000.txt"));
    assert!(
        found
            .text
            .ends_with("\n\nWhat else is attached was not read: it is more than one message may cost.")
            && found.truncated
    );
}

#[test]
fn attachments_share_what_they_may_unpack_to_and_the_text() {
    let limits = Limits {
        memory_bytes_max: 32 << 20,
        text_bytes_max: 4_000,
        ..Limits::default()
    };
    let large = archive(&[(
        "word/document.xml",
        &format!("<d><t>first</t>{}</d>", " ".repeat(10 << 20)),
    )]);
    let attached: Vec<(&str, &str, Vec<u8>)> = ["one.docx", "two.docx", "three.docx"]
        .into_iter()
        .map(|name| (name, "application/octet-stream", large.clone()))
        .collect();
    let found = extract("a.eml", MediaType::UNKNOWN, &message(&attached), &limits).unwrap();
    assert!(
        found
            .text
            .contains("one.docx\nfirst\n\ntwo.docx\nNot read: it is too large"),
        "{}",
        found.text
    );
    // A long one leaves something for those behind it.
    let long = [
        ("long.txt", "text/plain", "word ".repeat(10_000).into_bytes()),
        ("last.txt", "text/plain", b"basalt".to_vec()),
    ];
    let found = extract("a.eml", MediaType::UNKNOWN, &message(&long), &limits).unwrap();
    assert!(found.truncated && found.text.len() <= 4_000 && found.text.len() > 1_900);
    assert!(found.text.ends_with("last.txt\nbasalt"), "{}", found.text);
}

#[test]
fn of_many_attachments_that_can_not_be_read_few_are_told_of() {
    let torn: Vec<(String, Vec<u8>)> = (0..50)
        .map(|n| (format!("{n}.docx"), b"PK\x03\x04 torn".to_vec()))
        .collect();
    let attached: Vec<(&str, &str, Vec<u8>)> = torn
        .iter()
        .map(|(name, bytes)| (name.as_str(), "application/octet-stream", bytes.clone()))
        .collect();
    let found = extract("a.eml", MediaType::UNKNOWN, &message(&attached), &Limits::default()).unwrap();
    assert_eq!(found.text.matches("Not read").count(), 5, "{}", found.text);
    assert!(found.text.ends_with("Others that are attached can't be read either."));
    assert!(found.truncated);
}

#[test]
fn an_attachment_that_ends_the_child_costs_the_others_but_not_the_message() {
    let pool = pool(Limits {
        time_ms_max: 2_000,
        ..Limits::default()
    });
    for (name, content) in [("bottomless.pdf", bottomless()), ("endless.pdf", endless())] {
        let mail = message(&[(name, "application/pdf", content)]);
        let found = pool.extract_bytes("a.eml", "message/rfc822", &mail).unwrap();
        let expected = format!(
            "From: Ada <ada@example.org>\n\nSee below.\n\nAttachments: {name}\n\n\
             What else is attached was not read: it is more than one message may cost."
        );
        assert_eq!((found.text, found.truncated), (expected, true));
    }
}

#[test]
fn of_a_large_message_the_beginning_is_read_with_what_is_whole_in_it() {
    let mail = message(&[
        ("first.docx", "application/octet-stream", words("Dear Bo")),
        ("second.docx", "application/octet-stream", words("Dear Cy")),
    ]);
    let limits = Limits {
        bytes_in_max: mail.len() as u64 - 500,
        ..Limits::default()
    };
    let found = extract("a.eml", MediaType::UNKNOWN, &mail, &limits).unwrap();
    let expected = format!(
        "first.docx\nAnnual report\nDear Bo\n\nA footnote\n\n\
         second.docx\nNot read: it is too large: its message is read up to {}; split it",
        model::Size(limits.bytes_in_max)
    );
    assert!(found.text.ends_with(&expected) && found.truncated, "{}", found.text);
}

#[test]
fn the_parts_of_a_saved_page_are_not_attached_to_it() {
    let page = "Subject: Tea\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=xx\r\n\r\n--xx\r\n\
        Content-Type: text/html\r\nContent-Location: https://example.org/\r\n\r\n<p>Steep it\r\n--xx\r\n\
        Content-Type: text/css\r\nContent-Location: https://example.org/a.css\r\n\r\np { color: red }\r\n--xx--\r\n";
    assert_eq!(text_of("a.mhtml", page), "Steep it");
}
