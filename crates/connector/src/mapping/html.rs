//! HTML in a record's fields becomes plain text.
//!
//! Only what surely is HTML is touched: a known element's tag has to be there, so that `Vec<String>` and `a < b` stay
//! as they are. Whole HTML files are `extract`'s work; this is for fields.

/// Elements whose tag tells that a text is HTML.
const KNOWN: [&str; 41] = [
    "a",
    "abbr",
    "article",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "html",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "td",
    "tr",
    "u",
    "ul",
];

/// Elements that begin and end a line.
const BLOCKS: [&str; 26] = [
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "tr",
    "ul",
    "title",
];

/// Elements whose content nobody reads.
const SILENT: [&str; 5] = ["script", "style", "template", "noscript", "svg"];

/// Named characters, as far as they are common in fields.
const ENTITIES: [(&str, &str); 40] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("sbquo", "‚"),
    ("bdquo", "„"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("bull", "•"),
    ("middot", "·"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("euro", "€"),
    ("pound", "£"),
    ("sect", "§"),
    ("para", "¶"),
    ("deg", "°"),
    ("times", "×"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("szlig", "ß"),
    ("eacute", "é"),
    ("egrave", "è"),
    ("agrave", "à"),
    ("ccedil", "ç"),
    ("ntilde", "ñ"),
];

/// The text as people see it: without tags when it is HTML, as it is when it is not.
pub(super) fn plain(text: &str) -> String {
    if is_html(text) { strip(text) } else { text.to_owned() }
}

/// One line as people see it. So short a text is HTML only when an element ends in it: a file may be called `<b>.txt`.
pub(super) fn plain_line(text: &str) -> String {
    let has_end = text.match_indices("</").any(|(place, _)| {
        let (name, after) = name_at(&text[place + 2..]);
        KNOWN.contains(&name.as_str()) && after.starts_with('>')
    });
    if has_end { strip(text) } else { text.to_owned() }
}

fn is_html(text: &str) -> bool {
    let Some(last) = text.rfind('>') else { return false };
    text.match_indices('<').any(|(place, _)| {
        let rest = text[place + 1..].trim_start_matches('/');
        let (name, after) = name_at(rest);
        KNOWN.contains(&name.as_str())
            && after.starts_with(['>', '/', ' ', '\t', '\n', '\r'])
            && last >= text.len() - after.len()
    })
}

fn strip(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(place) = rest.find(['<', '&']) {
        words(&mut text, &rest[..place]);
        rest = &rest[place..];
        if rest.starts_with('&') {
            let (character, length) = entity(rest);
            text.push_str(&character);
            rest = &rest[length..];
        } else {
            rest = &rest[tag(rest, &mut text)..];
        }
    }
    words(&mut text, rest);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut whole = lines.join("\n");
    while whole.contains("\n\n\n") {
        whole = whole.replace("\n\n\n", "\n\n");
    }
    whole.trim().to_owned()
}

/// Appends text with its white space folded, as browsers show it.
fn words(text: &mut String, more: &str) {
    for c in more.chars() {
        if !c.is_whitespace() {
            text.push(c);
        } else if !text.ends_with(char::is_whitespace) && !text.is_empty() {
            text.push(' ');
        }
    }
}

/// Passes over one tag, comment or silent element; says how many bytes that was.
fn tag(rest: &str, text: &mut String) -> usize {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or(rest.len(), |end| end + 7);
    }
    let inner = &rest[1..];
    let closing = inner.starts_with('/');
    let (name, _) = name_at(inner.trim_start_matches('/'));
    if name.is_empty() && !inner.starts_with(['!', '?', '/']) {
        text.push('<');
        return 1;
    }
    let end = end_of_tag(rest);
    if !closing && SILENT.contains(&name.as_str()) {
        return silent_end(rest, end, &name);
    }
    if BLOCKS.contains(&name.as_str()) {
        text.push('\n');
    } else if matches!(name.as_str(), "td" | "th") && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
    end
}

/// The bytes up to and including the end of a tag; a `>` in quotes does not end it.
fn end_of_tag(rest: &str) -> usize {
    let mut quote = None;
    for (place, c) in rest.char_indices().skip(1) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return place + 1,
            _ => {}
        }
    }
    // An open quote to the end is a stray one.
    rest.find('>').map_or(rest.len(), |place| place + 1)
}

fn silent_end(rest: &str, from: usize, name: &str) -> usize {
    let mut place = from;
    while let Some(next) = rest[place..].find("</") {
        place += next;
        let (closing, _) = name_at(&rest[place + 2..]);
        if closing == name {
            return place + end_of_tag(&rest[place..]);
        }
        place += 2;
    }
    rest.len()
}

/// The element's name at the beginning of a text, in lower case, and what follows.
fn name_at(text: &str) -> (String, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len())
        .min(16);
    (text[..end].to_ascii_lowercase(), &text[end..])
}

/// The character that an entity stands for, and the entity's length; an `&` by itself otherwise.
fn entity(rest: &str) -> (String, usize) {
    let itself = ("&".to_owned(), 1);
    let Some(end) = rest.bytes().take(12).position(|byte| byte == b';') else {
        return itself;
    };
    let name = &rest[1..end];
    let Some(digits) = name.strip_prefix('#') else {
        let known = ENTITIES.iter().find(|(known, _)| *known == name);
        return known.map_or(itself, |(_, text)| ((*text).to_owned(), end + 1));
    };
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    match code.and_then(char::from_u32).filter(|c| *c != '\0') {
        Some(c) => (c.to_string(), end + 1),
        None => itself,
    }
}

#[cfg(test)]
mod tests {
    //! What goes and what stays.

    use super::{plain, plain_line};

    #[test]
    fn tags_go_and_lines_stay() {
        assert_eq!(
            plain(
                "<p>Hello&nbsp;<b>world</b> &amp; all</p><ul><li>one</li><li>t&#119;o</li></ul><script>x < 1</script>"
            ),
            "Hello world & all\n\none\n\ntwo"
        );
        assert_eq!(plain("<table><tr><td>a</td><td>b</td></tr></table>"), "a b");
        assert_eq!(plain("a<br/>b<!-- not this -->c"), "a\nbc");
        assert_eq!(plain("<a href=\"x>y\">link</a>"), "link");
    }

    #[test]
    fn what_is_no_html_stays_as_it_is() {
        for text in [
            "Vec<String> & a < b",
            "x <- y",
            "1 < 2 && 3 > 2",
            "&amp; alone",
            "<unknown>tag</unknown>",
            "<p",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn a_line_is_html_only_when_an_element_ends_in_it() {
        assert_eq!(plain_line("Pay the <b>invoice</b>"), "Pay the invoice");
        for name in ["<b>bold<b>.txt", "a < b > c", "<p>", "x </y>", "</"] {
            assert_eq!(plain_line(name), name);
        }
    }

    #[test]
    fn broken_html_ends() {
        for text in [
            "<p><",
            "<p>&",
            "<p><!--",
            "<p><script>",
            "<p><b \"",
            "<p>ä&#xD800;ö",
            "<p></",
            "<p>&;",
        ] {
            let _seen = plain(text);
        }
        assert_eq!(plain("<p>a < b"), "a < b");
    }
}
