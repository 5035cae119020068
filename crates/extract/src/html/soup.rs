//! Cuts HTML into texts and tags, as browsers would where it matters, in one pass.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// Longest name of a letter, `&CounterClockwiseContourIntegral;` included.
const ENTITY_BYTES_MAX: usize = 40;

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Text, its references unresolved.
    Text(&'a str),
    Open(TagText<'a>),
    /// The name, in lower case.
    Close(String),
}

/// An opening tag.
#[derive(Debug)]
pub(super) struct TagText<'a> {
    /// In lower case.
    pub name: String,
    /// Everything between the name and the end.
    pub attributes: &'a str,
    /// Whether it ends in `/>`.
    pub is_closed: bool,
}

impl TagText<'_> {
    /// An attribute's value, resolved; empty for one without a value.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, letter)| letter.is_ascii_whitespace() || matches!(letter, '=' | '/'))
                .map_or(rest.len(), |(at, _)| at);
            let name = &rest[..end];
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                (value, rest) = match after.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        let after = &after[1..];
                        after.split_once(quote).unwrap_or((after, ""))
                    }
                    _ => after.split_at(
                        after
                            .find(|letter: char| letter.is_ascii_whitespace())
                            .unwrap_or(after.len()),
                    ),
                };
            }
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescape(value).into_owned());
            }
        }
    }
}

/// What is left of a page.
#[derive(Debug)]
pub(super) struct Soup<'a> {
    rest: &'a str,
}

impl<'a> Soup<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The next piece; comments and declarations are passed over.
    pub(super) fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let text = self.rest;
            if text.is_empty() {
                return None;
            }
            let Some(at) = tag_start(text) else {
                self.rest = "";
                return Some(Piece::Text(text));
            };
            if at > 0 {
                self.rest = &text[at..];
                return Some(Piece::Text(&text[..at]));
            }
            if let Some(comment) = text.strip_prefix("<!--") {
                // `<!-->` is an empty comment; an endless one hides the rest, as in browsers.
                self.rest = if let Some(after) = comment.strip_prefix('>') {
                    after
                } else {
                    comment.split_once("-->").map_or("", |(_, after)| after)
                };
                continue;
            }
            if let Some(data) = text.strip_prefix("<![CDATA[") {
                let (data, after) = data.split_once("]]>").unwrap_or((data, ""));
                self.rest = after;
                return Some(Piece::Text(data));
            }
            if text.starts_with("<!") || text.starts_with("<?") {
                self.rest = text.split_once('>').map_or("", |(_, after)| after);
                continue;
            }
            let end = tag_end(text);
            let inner = text[1..end].trim_end_matches('>');
            self.rest = &text[end..];
            if let Some(name) = inner.strip_prefix('/') {
                return Some(Piece::Close(name_of(name).to_ascii_lowercase()));
            }
            let name = name_of(inner);
            let attributes = &inner[name.len()..];
            return Some(Piece::Open(TagText {
                name: name.to_ascii_lowercase(),
                is_closed: attributes.ends_with('/'),
                attributes,
            }));
        }
    }

    /// Everything up to the closing tag of `name`, unparsed, and passes over that tag.
    pub(super) fn raw_content(&mut self, name: &str) -> &'a str {
        let text = self.rest;
        let mut from = 0;
        while let Some(at) = text[from..].find("</").map(|at| from + at) {
            let found = name_of(&text[at + 2..]);
            if found.eq_ignore_ascii_case(name) {
                self.rest = &text[at + tag_end(&text[at..])..];
                return &text[..at];
            }
            from = at + 2;
        }
        self.rest = "";
        text
    }

    /// Passes over an element that has just been opened, elements of the same name in it included.
    pub(super) fn skip_element(&mut self, name: &str) {
        if matches!(name, "script" | "style" | "noembed" | "noframes" | "iframe") {
            self.raw_content(name);
            return;
        }
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                Some(Piece::Open(tag)) if tag.name == name && !tag.is_closed => depth += 1,
                Some(Piece::Open(tag)) if matches!(tag.name.as_str(), "script" | "style") && !tag.is_closed => {
                    self.raw_content(&tag.name);
                }
                Some(Piece::Close(closed)) if closed == name => depth -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }
}

/// Where the next thing that looks like a tag begins.
fn tag_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find('<').map(|at| from + at) {
        let is_tag = match bytes.get(at + 1) {
            Some(b'!' | b'?') => true,
            Some(b'/') => bytes.get(at + 2).is_some_and(u8::is_ascii_alphabetic),
            Some(next) => next.is_ascii_alphabetic(),
            None => false,
        };
        if is_tag {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Where the tag at the beginning of `text` ends, just behind its `>`; quotes may hold one.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            // Only after `=` is a quote one; elsewhere it is a stray letter.
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    // An attribute whose quote never ends: the tag ends at the first `>` instead of swallowing the page.
    text.find('>').map_or(text.len(), |at| at + 1)
}

fn name_of(text: &str) -> &str {
    let end = text.find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '/' | '>' | '<'));
    &text[..end.unwrap_or(text.len())]
}

/// Text with its references resolved; what is none stays as it is.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some((resolved, length)) = reference(after) {
            out.push_str(&resolved);
            rest = &after[length..];
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What the reference behind a `&` stands for, and how long it is with its semicolon; `None` for anything else.
pub(crate) fn reference(after: &str) -> Option<(Cow<'static, str>, usize)> {
    let end = after
        .bytes()
        .take(ENTITY_BYTES_MAX)
        .position(|byte| !byte.is_ascii_alphanumeric() && byte != b'#')
        .unwrap_or(after.len().min(ENTITY_BYTES_MAX));
    let end = (0..=end).rev().find(|end| after.is_char_boundary(*end)).unwrap_or(0);
    let name = &after[..end];
    let ends_well = after[end..].starts_with(';');
    let resolved = match name.strip_prefix('#') {
        Some(number) => numbered(number).map(|letter| Cow::Owned(letter.to_string())),
        None if ends_well || matches!(name, "amp" | "lt" | "gt" | "quot" | "nbsp") => {
            resolve_html5_entity(name).map(Cow::Borrowed)
        }
        None => None,
    };
    resolved.map(|resolved| (resolved, end + usize::from(ends_well)))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    // Numbers of the old Windows code page are what careless programs write for quotes and dashes.
    if let Ok(byte @ 0x80..=0x9F) = u8::try_from(code) {
        let bytes = [byte];
        let (letter, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
        return letter.chars().next();
    }
    char::from_u32(code)
}
