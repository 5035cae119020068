//! HTML: what a reader would see, without scripts, styles and hidden parts.
//!
//! Reads tag soup the way it comes: nothing is refused, an unclosed tag costs at most its own effect, and there is no
//! tree that could grow too deep.

mod soup;

use std::borrow::Cow;

use crate::text::{Outlet, decode};
use crate::{Extracted, File};
pub(crate) use soup::reference;
use soup::{Piece, Soup, TagText};

/// Elements without visible text. Their content is skipped to the closing tag.
const SILENT: &[&str] = &[
    "script", "style", "noscript", "template", "object", "iframe", "canvas", "svg", "select", "datalist", "audio",
    "video", "noembed", "noframes",
];
/// Elements that stand apart from what is around them.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "nav",
    "aside",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "form",
    "fieldset",
    "address",
    "details",
    "hr",
    "body",
];
/// Elements that begin and end a line.
const LINES: &[&str] = &[
    "li", "tr", "dt", "dd", "caption", "summary", "option", "legend", "thead", "tbody", "tfoot",
];
/// Elements that have no content and hence no end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
];

/// Extracts.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    extract_text(file, &decoded(file.bytes))
}

/// The page's source, in the encoding that it declares itself.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    decode(bytes, declared_encoding(bytes).as_deref())
}

/// Extracts from decoded text.
pub(crate) fn extract_text(file: &File<'_>, text: &str) -> Extracted {
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    write(text, &mut outlet);
    outlet.finish(file)
}

/// Writes what a reader sees to `outlet`, and the title and author to its fields.
pub(crate) fn write(text: &str, outlet: &mut Outlet) {
    let mut page = Page {
        outlet,
        heading: None,
        preformatted: 0,
    };
    let mut soup = Soup::new(text);
    while let Some(piece) = soup.next() {
        match piece {
            Piece::Text(text) => page.text(text),
            Piece::Open(tag) => page.open(&mut soup, &tag),
            Piece::Close(name) => page.close(&name),
        }
        if page.outlet.is_full() {
            return;
        }
    }
}

struct Page<'a> {
    outlet: &'a mut Outlet,
    /// The first main heading, while it lasts: the title of a page that has no other.
    heading: Option<String>,
    preformatted: usize,
}

impl Page<'_> {
    fn text(&mut self, text: &str) {
        let text = soup::unescape(text);
        if let Some(heading) = &mut self.heading {
            heading.push_str(&text);
        }
        if self.preformatted > 0 {
            self.outlet.push(&text);
        } else {
            self.outlet.push_collapsed(&text);
        }
    }

    fn open(&mut self, soup: &mut Soup<'_>, tag: &TagText<'_>) {
        let name = tag.name.as_str();
        if SILENT.contains(&name) || !VOID.contains(&name) && is_hidden(tag) {
            if !tag.is_closed {
                soup.skip_element(name);
            }
            return;
        }
        match name {
            "title" => {
                let title = soup.raw_content(name);
                self.outlet.set_title(&soup::unescape(title));
            }
            "textarea" => {
                let content = soup.raw_content(name);
                self.text(content);
            }
            "meta" => {
                let is_author = tag
                    .attribute("name")
                    .is_some_and(|name| name.eq_ignore_ascii_case("author"));
                if is_author && let Some(author) = tag.attribute("content") {
                    self.outlet.add_author(&author);
                }
            }
            "br" => self.outlet.push("\n"),
            "td" | "th" => self.outlet.push_collapsed(" "),
            "img" => {
                if let Some(alt) = tag.attribute("alt") {
                    self.outlet.push_collapsed(&format!(" {alt} "));
                }
            }
            "h1" if !self.outlet.has_fallback_title() => self.heading = Some(String::new()),
            "pre" => self.preformatted += 1,
            _ => {}
        }
        self.part(name);
    }

    fn close(&mut self, name: &str) {
        match name {
            "h1" => {
                if let Some(heading) = self.heading.take() {
                    self.outlet.set_fallback_title(&heading);
                }
            }
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "td" | "th" => self.outlet.end_cell(),
            _ => {}
        }
        self.part(name);
    }

    fn part(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.outlet.end_block();
        } else if LINES.contains(&name) {
            self.outlet.end_line();
        }
    }
}

fn is_hidden(tag: &TagText<'_>) -> bool {
    // Pages that show themselves only once their scripts run hide all of their body.
    if tag.attributes.is_empty() || matches!(tag.name.as_str(), "html" | "body" | "main") {
        return false;
    }
    tag.attribute("hidden")
        .is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || tag.attribute("style").is_some_and(|style| {
            let style: String = style.to_ascii_lowercase().split_whitespace().collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// The encoding that a `meta` element names.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let value = start.split_once("charset=")?.1.trim_start_matches(['"', '\'', ' ']);
    let end = value.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | ':'));
    Some(value[..end.unwrap_or(value.len())].to_owned())
}
