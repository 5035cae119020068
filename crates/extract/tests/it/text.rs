//! The formats that are text themselves.

use extract::{Limits, MediaType, extract};

use crate::fixtures::{read, text_of};

#[test]
fn plain_text_is_tidied_but_kept() {
    assert_eq!(
        text_of("a.txt", "one\r\n\r\n\r\n\r\ntwo\x07 three\n"),
        "one\n\ntwo three"
    );
    assert_eq!(
        text_of("a.rs", "fn main() {\n    run();\n}\n"),
        "fn main() {\n    run();\n}"
    );
}

#[test]
fn encodings_are_found_out() {
    for bytes in [
        "\u{FEFF}Grüße".as_bytes().to_vec(),
        "Grüße".as_bytes().to_vec(),
        b"\xFF\xFEG\0r\0\xFC\0\xDF\0e\0".to_vec(),
        b"\xFE\xFF\0G\0r\0\xFC\0\xDF\0e".to_vec(),
        b"G\0r\0\xFC\0\xDF\0e\0".to_vec(),
        b"Gr\xFC\xDFe".to_vec(),
    ] {
        assert_eq!(text_of("a.txt", &bytes), "Grüße", "{bytes:?}");
    }
    let russian = encoding_rs::WINDOWS_1251.encode("Привет, как дела сегодня?").0;
    assert_eq!(text_of("a.txt", russian), "Привет, как дела сегодня?");
    let japanese = encoding_rs::SHIFT_JIS.encode("これは日本語の文章です。").0;
    assert_eq!(text_of("a.txt", japanese), "これは日本語の文章です。");
}

#[test]
fn a_markdown_file_has_its_first_heading_as_title() {
    let found = read(
        "a.md",
        "# The *plan*\n\nSee [the list](https://example.org/a) and `make run`.\n\n- one\n\n```sh\n# no heading\n```\n",
    )
    .unwrap();
    assert_eq!(found.title.as_deref(), Some("The plan"));
    assert_eq!(
        found.text,
        "The plan\n\nSee the list and make run.\n\n- one\n\n# no heading"
    );
    assert_eq!(
        read("a.md", "Under\n=====\ntext").unwrap().title.as_deref(),
        Some("Under")
    );
    let found = read(
        "a.md",
        "---\ntitle: \"From the front\"\nauthor: Ada\ntags: x\n---\n# Heading\n",
    )
    .unwrap();
    assert_eq!(found.title.as_deref(), Some("From the front"));
    assert_eq!(found.authors, ["Ada"]);
    assert_eq!(
        read("a.md", "#no heading, 2 * 3 * 4 and some_file_name").unwrap().text,
        "#no heading, 2 * 3 * 4 and some_file_name"
    );
}

#[test]
fn tags_in_markdown_are_no_text_but_addresses_are() {
    assert_eq!(
        text_of(
            "a.md",
            "a <img src=\"https://example.org/x.png\" alt=\"b\"> <https://example.org> <b>c</b> <d"
        ),
        "a  https://example.org c <d"
    );
    assert_eq!(text_of("a.md", "[](never closed [a](b) [c][d]"), "(never closed a c");
}

#[test]
fn entities_in_markdown_are_the_letters_that_they_stand_for() {
    let found = read(
        "a.md",
        "# Tea&emsp;&amp; *caf&eacute;* &#8212; a guide\n\nAT&T, R&D; &unknown; \\&amp; `&amp;` &lt;b&gt; &copy &",
    )
    .unwrap();
    assert_eq!(found.title.as_deref(), Some("Tea & café — a guide"));
    assert_eq!(
        found.text,
        "Tea\u{2003}& café — a guide\n\nAT&T, R&D; &unknown; &amp; &amp; <b> &copy &"
    );
}

#[test]
fn code_in_markdown_is_text_as_it_stands() {
    assert_eq!(
        text_of("a.md", "Say `show <id>` or `*.pdf`, not `[a](b)`."),
        "Say show <id> or *.pdf, not [a](b)."
    );
    assert_eq!(text_of("a.md", "``double`` and `open <b>c</b>"), "double and open c");
}

#[test]
fn a_page_yields_what_a_reader_sees() {
    let page = r#"<!DOCTYPE html><html><head><meta charset=utf-8><meta name="author" content="Ada &amp; Co">
        <title>Tea &mdash; a guide</title><style>p { color: red }</style>
        <script>if (a < b) document.write("<p>not seen</p>")</script></head>
        <body><!-- nor <b>this</b> --><h1>Green   tea</h1><p>Steep&nbsp;it for 3&#x20;minutes.<br>Not <b>lon</b>ger.</p>
        <div hidden><div>secret</div> still secret</div><p style="Display : none">gone</p>
        <table><tr><th>Kind</th><th>Heat</th></tr><tr><td>White</td><td>70&deg;</td></tr></table>
        <ul><li>one<li>two</ul><img src=x alt="A cup"><pre>  keep
    this</pre>5 < 6 &unknown; AT&T</body></html>"#;
    let found = read("a.html", page).unwrap();
    assert_eq!(found.title.as_deref(), Some("Tea — a guide"));
    assert_eq!(found.authors, ["Ada & Co"]);
    let lines: Vec<&str> = found.text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "Green tea",
            "Steep it for 3 minutes.",
            "Not longer.",
            "Kind\tHeat",
            "White\t70°",
            "one",
            "two",
            "A cup",
            "  keep",
            "    this",
            "5 < 6 &unknown; AT&T",
        ]
    );
}

#[test]
fn a_page_without_a_title_takes_its_main_heading() {
    assert_eq!(
        read("a.html", "<h1>Head <i>ing</i></h1><h1>Other</h1>")
            .unwrap()
            .title
            .as_deref(),
        Some("Head ing")
    );
}

#[test]
fn a_page_in_an_old_encoding_says_so_itself() {
    let page = b"<html><head><meta charset=\"iso-8859-2\"></head><body>\xB3\xF3d\xBC</body></html>";
    assert_eq!(text_of("a.html", page), "łódź");
}

#[test]
fn xml_yields_its_words() {
    let found = read(
        "a.xml",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<book xmlns=\"x\">\n <title>T\u{E9}a</title>\n <item label=\"Big pot\"><b>one</b><b>two</b></item>\n <![CDATA[raw < text]]>\n</book>"
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).unwrap())
            .collect::<Vec<u8>>(),
    )
    .unwrap();
    assert_eq!(found.title.as_deref(), Some("Téa"));
    let lines: Vec<&str> = found.text.lines().map(str::trim).collect();
    assert_eq!(lines, ["Téa", "Big pot one two", "raw < text"]);
}

#[test]
fn csv_becomes_rows_of_cells() {
    assert_eq!(
        text_of("a.csv", "name,city\n\"Ada, E.\",\"Two\nlines\"\n"),
        "name\tcity\nAda, E.\tTwo lines"
    );
    assert_eq!(
        text_of("a.csv", "name;sum\nAda;1,5\nBo;2,5\n"),
        "name\tsum\nAda\t1,5\nBo\t2,5"
    );
    assert_eq!(text_of("a.tsv", "a,b\tc\n"), "a,b\tc");
}

#[test]
fn json_becomes_lines_with_names() {
    let found = read(
        "a.json",
        r#"{"title": "Tea", "tags": ["green", "hot"], "by": {"name": "Ada", "age": 36, "x": null}, "done": true}"#,
    )
    .unwrap();
    assert_eq!(found.title.as_deref(), Some("Tea"));
    assert_eq!(
        found.text,
        "title: Tea\ntags: green\ntags: hot\n\nby:\nname: Ada\nage: 36\ndone: true"
    );
    assert_eq!(text_of("a.jsonl", "{\"a\": \"x\"}\n{\"a\": \"y\"}\n"), "a: x\n\na: y");
    let blob = format!("{{\"icon\": \"{}\", \"a\": \"x\"}}", "A".repeat(4000));
    assert_eq!(text_of("a.json", blob), "a: x");
}

#[test]
fn the_names_around_an_object_are_kept_once() {
    assert_eq!(
        text_of(
            "a.json",
            r#"{"services": {"web": {"image": "nginx"}, "mail": {}}, "people": [{"name": "Ada"}, {"name": "Bo"}], "rows": [[{"x": 1}]]}"#
        ),
        "services:\n\nweb:\nimage: nginx\n\nmail:\n\npeople:\nname: Ada\n\nname: Bo\n\nrows:\nx: 1"
    );
    let blob = format!("{{\"{}\": {{\"a\": \"x\"}}}}", "A".repeat(4000));
    assert_eq!(text_of("a.json", blob), "a: x");
}

#[test]
fn what_is_not_json_after_all_is_text() {
    assert_eq!(text_of("a.json", "{\"a\": 1, // why\n"), "{\"a\": 1, // why");
    assert_eq!(text_of("a.json", "[".repeat(100_000)).len(), 100_000);
}

#[test]
fn rich_text_yields_its_words() {
    let text = b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\info{\\title Plan}{\\author Ada}}\\f0 Gr\\'fc\\'dfe \\u8364?5\\par {\\*\\hidden no}Line\\tab two}";
    let found = read("a.rtf", text).unwrap();
    assert_eq!(found.text, "Grüße €5\nLine\ttwo");
    assert_eq!(found.title.as_deref(), Some("Plan"));
    assert_eq!(found.authors, ["Ada"]);
}

#[test]
fn long_text_is_cut_and_says_so() {
    let limits = Limits {
        text_bytes_max: 10,
        ..Limits::default()
    };
    let found = extract("a.txt", MediaType::TEXT, "äöüäöüäöü".as_bytes(), &limits).unwrap();
    assert_eq!((found.text.as_str(), found.truncated), ("äöüäö", true));
    let limits = Limits {
        bytes_in_max: 5,
        ..Limits::default()
    };
    let found = extract("a.txt", MediaType::TEXT, b"one two three", &limits).unwrap();
    assert_eq!((found.text.as_str(), found.truncated), ("one t", true));
    let whole = extract("a.txt", MediaType::TEXT, b"one", &limits).unwrap();
    assert!(!whole.truncated);
}
