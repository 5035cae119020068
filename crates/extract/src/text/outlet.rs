//! A place to write extracted text to, which never holds more than its limit.

use crate::{Extracted, File};

/// Longest title that is kept, in characters.
const TITLE_CHARS_MAX: usize = 300;
/// Names of programs that some of them put in front of a title.
const PROGRAM_PREFIXES: &[&str] = &["Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "];
/// Titles that say only that nobody chose one.
const DEFAULT_TITLES: &[&str] = &[
    "untitled",
    "presentation",
    "untitled document",
    "document",
    "document1",
    "powerpoint presentation",
    "presentation1",
    "book1",
    "title",
];
/// Most authors that are kept.
const AUTHORS_MAX: usize = 50;

/// Extracted text on its way. Control characters are dropped, `\r\n` becomes `\n`, and never more than one blank line
/// stands between two others.
#[derive(Debug)]
pub(crate) struct Outlet {
    text: String,
    bytes_max: usize,
    full: bool,
    /// Whether something was left out that reading on would not bring.
    missing: bool,
    /// Newlines at the end of `text`.
    newlines: usize,
    title: Option<String>,
    fallback_title: Option<String>,
    authors: Vec<String>,
    pages: Option<u32>,
}

/// A place in a outlet's text.
#[derive(Debug, Default)]
pub(crate) struct Mark {
    length: usize,
    newlines: usize,
}

impl Outlet {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            text: String::new(),
            bytes_max,
            full: false,
            missing: false,
            newlines: 0,
            title: None,
            fallback_title: None,
            authors: Vec::new(),
            pages: None,
        }
    }

    /// Whether nothing more fits; readers stop when it is.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// How many bytes of text still fit.
    pub(crate) fn room(&self) -> usize {
        self.bytes_max.saturating_sub(self.text.len())
    }

    /// Appends text as it is, tidied.
    pub(crate) fn push(&mut self, text: &str) {
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' if letters.peek() == Some(&'\n') => {}
                '\r' | '\n' | '\x0C' | '\u{2028}' | '\u{2029}' => self.line_end(),
                '\t' => self.put('\t'),
                '\u{FEFF}' | '\u{00AD}' | '\u{200B}' => {}
                letter if letter.is_control() => {}
                letter => self.put(letter),
            }
            if self.full {
                return;
            }
        }
    }

    /// Appends a running text in which any white space is one space.
    pub(crate) fn push_collapsed(&mut self, text: &str) {
        for letter in text.chars() {
            if !letter.is_whitespace() {
                self.put_visible(letter);
            } else if !self.text.ends_with([' ', '\n', '\t']) && !self.text.is_empty() {
                self.put(' ');
            }
            if self.full {
                return;
            }
        }
    }

    /// Ends the line unless one has just ended.
    pub(crate) fn end_line(&mut self) {
        if self.newlines == 0 && !self.text.is_empty() {
            self.trim_spaces();
            self.line_end();
        }
    }

    /// Leaves one blank line.
    pub(crate) fn end_block(&mut self) {
        self.end_line();
        if self.newlines == 1 {
            self.line_end();
        }
    }

    /// Parts two cells of a row.
    pub(crate) fn end_cell(&mut self) {
        self.put('\t');
    }

    /// The place that was reached.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            length: self.text.len(),
            newlines: self.newlines,
        }
    }

    /// Takes back what was written since.
    pub(crate) fn rewind(&mut self, mark: &Mark) {
        self.text.truncate(mark.length);
        self.newlines = mark.newlines;
    }

    /// Sets the title, first come first served; an empty one is none.
    pub(crate) fn set_title(&mut self, title: &str) {
        if self.title.is_none() {
            self.title = worthy_title(title);
        }
    }

    /// Whether no title has been set.
    pub(crate) fn has_no_title(&self) -> bool {
        self.title.is_none()
    }

    /// Sets the title that counts when there is no other, first come first served.
    pub(crate) fn set_fallback_title(&mut self, title: &str) {
        if self.fallback_title.is_none() {
            self.fallback_title = worthy_title(title);
        }
    }

    /// Whether a fallback title has been set.
    pub(crate) fn has_fallback_title(&self) -> bool {
        self.fallback_title.is_some()
    }

    /// Adds an author, once.
    pub(crate) fn add_author(&mut self, author: &str) {
        if let Some(author) = one_line(author)
            && self.authors.len() < AUTHORS_MAX
            && !self.authors.contains(&author)
        {
            self.authors.push(author);
        }
    }

    /// Sets the number of pages.
    pub(crate) fn set_pages(&mut self, pages: usize) {
        self.pages = u32::try_from(pages).ok();
    }

    /// Takes nothing more.
    pub(crate) fn mark_cut(&mut self) {
        self.full = true;
    }

    /// Notes that something is left out, though more may come.
    pub(crate) fn note_missing(&mut self) {
        self.missing = true;
    }

    /// The result.
    pub(crate) fn finish(mut self, file: &File<'_>) -> Extracted {
        self.text.truncate(self.text.trim_end().len());
        Extracted {
            text: self.text,
            title: self.title.or(self.fallback_title),
            authors: self.authors,
            pages: self.pages,
            truncated: self.full || self.missing || file.is_beginning,
            media_type: file.media_type,
        }
    }

    fn trim_spaces(&mut self) {
        while self.text.ends_with([' ', '\t']) {
            self.text.pop();
        }
    }

    fn line_end(&mut self) {
        // Two newlines are one blank line; leading ones say nothing.
        if self.newlines < 2 && !self.text.is_empty() {
            let before = self.newlines;
            self.put('\n');
            self.newlines = before + 1;
        }
    }

    fn put_visible(&mut self, letter: char) {
        if !letter.is_control() && !matches!(letter, '\u{FEFF}' | '\u{00AD}' | '\u{200B}') {
            self.put(letter);
        }
    }

    fn put(&mut self, letter: char) {
        if self.text.len() + letter.len_utf8() > self.bytes_max {
            self.full = true;
            return;
        }
        self.text.push(letter);
        self.newlines = 0;
    }
}

/// A title that an author may have chosen, rather than a program.
fn worthy_title(title: &str) -> Option<String> {
    let line = one_line(title)?;
    let title = PROGRAM_PREFIXES
        .iter()
        .find_map(|prefix| line.strip_prefix(prefix))
        .unwrap_or(&line);
    let is_default = DEFAULT_TITLES.iter().any(|default| default.eq_ignore_ascii_case(title));
    (!is_default && !title.is_empty()).then(|| title.to_owned())
}

fn one_line(text: &str) -> Option<String> {
    let mut line = String::new();
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(TITLE_CHARS_MAX) {
        line.truncate(end);
    }
    (!line.is_empty()).then_some(line)
}
