//! Texts in the encodings that people still have: short ones, as a note or a list is.

use std::fmt::Write;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, ISO_8859_2, KOI8_R, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253,
};

use crate::fixtures::{read, text_of};

const JAPANESE: &str = "会議の議事録\n次回は木曜日の午後三時から。資料を忘れないこと。";
const CHINESE: &str = "会议记录\n下次会议在星期四下午三点举行。请不要忘记带资料。";
const TRADITIONAL: &str = "會議記錄\n下次會議在星期四下午三點舉行。請不要忘記帶資料。";
const KOREAN: &str = "회의록\n다음 회의는 목요일 오후 세 시에 열립니다. 자료를 잊지 마세요.";
const RUSSIAN: &str = "Протокол собрания\nСледующая встреча в четверг в три часа. Не забудьте документы.";
const GREEK: &str = "Πρακτικά\nΗ επόμενη συνάντηση είναι την Πέμπτη στις τρεις.";
const GERMAN: &str = "Besprechung\nNächstes Treffen am Donnerstag um drei. Bitte Unterlagen für alle mitbringen.";
const FRENCH: &str =
    "Compte rendu\nLa prochaine réunion a lieu jeudi à trois heures. N’oubliez pas les pièces jointes.";
const SPANISH: &str = "Acta\nLa próxima reunión será el jueves. ¿Quién traerá la documentación del año pasado?";
const POLISH: &str = "Protokół\nNastępne spotkanie odbędzie się w czwartek o trzeciej. Proszę wziąć materiały.";
const CZECH: &str = "Zápis\nPříští schůzka se koná ve čtvrtek ve tři hodiny. Nezapomeňte si vzít podklady.";
const HUNGARIAN: &str = "Jegyzőkönyv\nA következő ülés csütörtökön három órakor lesz. Kérjük, hozzák az űrlapokat.";

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, has_failed) = encoding.encode(text);
    assert!(!has_failed, "`{text}` can't be written in {}", encoding.name());
    bytes.into_owned()
}

#[test]
fn short_texts_in_old_encodings_are_read() {
    let mut wrong = Vec::new();
    for (encoding, text) in [
        (ISO_2022_JP, JAPANESE),
        (SHIFT_JIS, JAPANESE),
        (EUC_JP, JAPANESE),
        (GB18030, CHINESE),
        (BIG5, TRADITIONAL),
        (EUC_KR, KOREAN),
        (KOI8_R, RUSSIAN),
        (WINDOWS_1251, RUSSIAN),
        (WINDOWS_1253, GREEK),
        (WINDOWS_1252, GERMAN),
        (WINDOWS_1252, FRENCH),
        (WINDOWS_1252, SPANISH),
        (WINDOWS_1250, POLISH),
        (WINDOWS_1250, CZECH),
        (WINDOWS_1250, HUNGARIAN),
        (ISO_8859_2, POLISH),
        (ISO_8859_2, CZECH),
    ] {
        let found = text_of("note.txt", encoded(encoding, text));
        if found != text {
            wrong.push(format!("{}: {found}", encoding.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn single_words_in_old_encodings_are_read() {
    let mut wrong = Vec::new();
    for (encoding, text) in [
        (ISO_2022_JP, "東京"),
        (SHIFT_JIS, "会議の議事録"),
        (EUC_JP, "会議の議事録"),
        (GB18030, "会议记录"),
        (BIG5, "會議記錄"),
        (EUC_KR, "회의록"),
        (KOI8_R, "Протокол"),
        (WINDOWS_1251, "Протокол"),
        (WINDOWS_1252, "Grüße"),
        (WINDOWS_1252, "Müller, Köln"),
        (WINDOWS_1252, "Préférences"),
        (WINDOWS_1250, "Łódź"),
        (WINDOWS_1250, "Příští schůzka"),
    ] {
        let found = text_of("note.txt", encoded(encoding, text));
        if found != text {
            wrong.push(format!("{}: {found} for {text}", encoding.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wide_texts_without_a_mark_are_read() {
    let mut wrong = Vec::new();
    for text in [
        JAPANESE,
        CHINESE,
        TRADITIONAL,
        KOREAN,
        RUSSIAN,
        GREEK,
        GERMAN,
        FRENCH,
        POLISH,
        "Grüße",
        "a,b\n1,2\n",
    ] {
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (name, bytes) in [("little", little), ("big", big)] {
            let found = read("note.txt", bytes).map_or_else(|error| error.to_string(), |found| found.text);
            if found != text.trim_end() {
                wrong.push(format!("{name}-endian: {found} for {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plain_letters_with_zeros_among_them_are_no_wide_text() {
    let mut wrong = Vec::new();
    let log = "hello from the middle of a log\nPATH=/usr/bin HOME=/root 1 2 3\n".repeat(4);
    let lists = [
        "a.txt\0b.txt\0c.txt\0",
        "/usr/bin/thing\0--option\0value\0",
        "one\n\0two and some more\n",
    ];
    let torn = (0..log.len()).map(|at| format!("{}\0{}", &log[..at], &log[at..]));
    for text in torn.chain(lists.map(str::to_owned)) {
        if let Ok(found) = read("note.txt", text.clone().into_bytes())
            && !found.text.is_ascii()
        {
            wrong.push(format!("{text:?}: {}", found.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn japanese_in_seven_bits_is_read_in_every_format_that_is_text() {
    let word = encoded(ISO_2022_JP, "会議の議事録");
    let with = |before: &str, after: &str| [before.as_bytes(), &word, after.as_bytes()].concat();
    for (name, bytes) in [
        ("a.txt", with("", "\n")),
        ("a.md", with("# ", "\n")),
        ("a.csv", with("name,", "\n")),
        ("a.html", with("<p>", "</p>")),
        ("a.html", with("<meta charset=iso-2022-jp><p>", "</p>")),
        (
            "a.xml",
            with("<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?><a>", "</a>"),
        ),
        ("a.eml", with("Subject: x\r\n\r\n", "\r\n")),
        (
            "a.eml",
            with(
                "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n",
                "\r\n",
            ),
        ),
        (
            "a.eml",
            with(
                "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=ISO-2022-JP\r\n\r\n<p>",
                "</p>\r\n",
            ),
        ),
    ] {
        let text = text_of(name, &bytes);
        assert!(text.contains("会議の議事録"), "{name}: {text}");
    }
    // The old marks of the same, and those of the half-width letters that a signature may hold.
    assert_eq!(text_of("a.txt", b"\x1B$@Ev5~\x1B(J \\1"), "当京 ¥1");
}

#[test]
fn a_mail_that_says_nothing_of_its_encoding_is_read() {
    let head = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: ";
    let mut western = String::new();
    for byte in encoded(WINDOWS_1252, GERMAN) {
        write!(western, "={byte:02X}").unwrap();
    }
    let quoted = format!("{head}text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{western}\r\n");
    let plain = |kind: &str, body: &[u8]| [head.as_bytes(), kind.as_bytes(), b"\r\n\r\n", body, b"\r\n"].concat();
    for (mail, word) in [
        (quoted.into_bytes(), "Nächstes Treffen"),
        (plain("text/plain", &encoded(WINDOWS_1252, GERMAN)), "Nächstes Treffen"),
        (
            plain("text/plain; charset=us-ascii", &encoded(WINDOWS_1252, GERMAN)),
            "Nächstes Treffen",
        ),
        (plain("text/plain", &encoded(SHIFT_JIS, JAPANESE)), "会議の議事録"),
        (
            plain("text/plain; charset=shift_jis", &encoded(SHIFT_JIS, JAPANESE)),
            "会議の議事録",
        ),
        (
            plain("text/plain; charset=koi8-r", &encoded(KOI8_R, RUSSIAN)),
            "Протокол",
        ),
        (
            plain(
                "text/html",
                &[b"<meta charset=iso-8859-2><p>".as_slice(), &encoded(ISO_8859_2, POLISH)].concat(),
            ),
            "wziąć",
        ),
    ] {
        let text = text_of("a.eml", &mail);
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn what_only_looks_like_seven_bits_of_japanese_stays_as_it_is() {
    for text in [
        "\x1B[31mred\x1B[0m and \x1B(Bplain",
        "a \x1B$ B, not in one piece",
        "\x1B$B",
        "\x1B$Bzz\x7F\x1B(B",
    ] {
        let kept: String = text.chars().filter(|letter| !letter.is_control()).collect();
        assert_eq!(text_of("a.log", text), kept, "{text:?}");
    }
    assert_eq!(text_of("a.txt", "Grüße \x1B$B\x1B(B"), "Grüße $B(B");
    // Text in UTF-8, whatever it declares.
    assert_eq!(text_of("a.html", "<meta charset=iso-2022-jp><p>Grüße"), "Grüße");
}

#[test]
fn a_long_text_that_is_cut_within_a_letter_is_read_in_its_encoding() {
    let long = encoded(ISO_2022_JP, &JAPANESE.repeat(2_000));
    for bytes_in_max in [100_000, 100_001] {
        let limits = extract::Limits {
            bytes_in_max,
            ..extract::Limits::default()
        };
        let found = extract::extract("a.txt", extract::MediaType::UNKNOWN, &long, &limits).unwrap();
        assert!(found.truncated && found.text.starts_with(JAPANESE));
    }
}

#[test]
fn bytes_with_zeros_that_are_no_text_stay_unread() {
    // Numbers of two and four bytes, as tables and sound have them.
    let numbers: Vec<u8> = (0..4_000_u32).flat_map(|n| (n * 7).to_le_bytes()).collect();
    let waves: Vec<u8> = (0..4_000_i32)
        .flat_map(|n| i16::try_from((n * 37) % 9_000 - 4_500).unwrap().to_le_bytes())
        .collect();
    let noise: Vec<u8> = (0..8_000_u32)
        .map(|n| u8::try_from((n.wrapping_mul(2_654_435_761) >> 13) & 0xFF).unwrap())
        .collect();
    for bytes in [numbers, waves, noise] {
        assert_eq!(read("data", bytes).unwrap_err().reason(), "unsupported format");
    }
}
