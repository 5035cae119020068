//! Markdown: its words, with the marks that only lay them out taken away.

use crate::html::reference;
use crate::text::{Outlet, decode};
use crate::{Extracted, File};

/// Longest front matter, in lines.
const FRONT_LINES_MAX: usize = 200;

/// Extracts. The title is the front matter's, else the first heading.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    let text = decode(file.bytes, None);
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    let mut heading = None;
    let mut fence = None;
    let mut before = "";
    for line in front_matter(&text, &mut outlet).lines() {
        let trimmed = line.trim_start();
        if let Some(mark) = fence_mark(trimmed) {
            match fence {
                None => fence = Some(mark),
                Some(open) if open == mark => fence = None,
                Some(_) => outlet.push(line),
            }
            continue;
        }
        if fence.is_some() {
            outlet.push(line);
            outlet.push("\n");
        } else if is_underline(trimmed) && !before.trim().is_empty() {
            heading = heading.or_else(|| Some(plain(before)));
        } else if let Some(words) = heading_words(trimmed) {
            let words = plain(words);
            outlet.end_block();
            outlet.push(&words);
            outlet.end_block();
            heading = heading.or(Some(words));
        } else {
            outlet.push(&plain(line));
            outlet.push("\n");
        }
        before = line;
        if outlet.is_full() {
            break;
        }
    }
    if let Some(heading) = heading {
        outlet.set_title(&heading);
    }
    outlet.finish(file)
}

/// Takes title and author from the front matter, if there is one, and gives what follows it.
fn front_matter<'a>(text: &'a str, outlet: &mut Outlet) -> &'a str {
    let mut lines = text.split_inclusive('\n');
    if lines.next().is_none_or(|line| line.trim_end() != "---") {
        return text;
    }
    let is_end = |line: &&str| matches!(line.trim_end(), "---" | "...");
    let Some(length) = lines.clone().take(FRONT_LINES_MAX).position(|line| is_end(&line)) else {
        return text;
    };
    for line in lines.by_ref().take(length) {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        match key {
            "title" => outlet.set_title(value),
            "author" => outlet.add_author(value),
            _ => {}
        }
        // The words in it are searched all the same: tags, a summary.
        outlet.push(value);
        outlet.end_line();
    }
    let rest: usize = lines.skip(1).map(str::len).sum();
    &text[text.len() - rest..]
}

fn fence_mark(line: &str) -> Option<char> {
    ['`', '~']
        .into_iter()
        .find(|mark| line.chars().take(3).filter(|letter| letter == mark).count() == 3)
}

fn heading_words(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading = (1..=6).contains(&level) && (words.is_empty() || words.starts_with([' ', '\t']));
    is_heading.then(|| words.trim().trim_end_matches('#').trim_end())
}

fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    !line.is_empty()
        && (line.bytes().all(|byte| byte == b'=') || line.len() > 1 && line.bytes().all(|byte| byte == b'-'))
}

/// A line without the marks of emphasis, code and links. Underscores stay: they are part of too many names.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut ends = Ends { line, found: [None; 4] };
    let mut done = 0;
    while let Some(mark) = line[done..]
        .find(['*', '`', '[', ']', '!', '\\', '<', '&'])
        .map(|mark| done + mark)
    {
        out.push_str(&line[done..mark]);
        done = mark + 1;
        let after = &line[done..];
        match line.as_bytes()[mark] {
            b'\\' if after.starts_with(|letter: char| letter.is_ascii_punctuation()) => {
                out.push_str(&after[..1]);
                done += 1;
            }
            // A list's mark, or a product: spaces around it. Behind a word it ends what is emphasised.
            b'*' if after.starts_with([' ', '\t']) && (mark == 0 || line[..mark].ends_with([' ', '\t'])) => {
                out.push('*');
            }
            // Code is text as it stands, whatever it looks like.
            b'`' => {
                if let Some(end) = ends.next(b'`', done) {
                    out.push_str(&line[done..end]);
                    done = end + 1;
                }
            }
            b'*' | b'[' => {}
            b'!' if after.starts_with('[') => {}
            // The target of a link is no text, the words were in front of it.
            b']' => {
                let close = match after.bytes().next() {
                    Some(b'(') => Some(b')'),
                    Some(b'[') => Some(b']'),
                    _ => None,
                };
                if let Some(end) = close.and_then(|close| ends.next(close, done + 1))
                    && !line[done + 1..end].contains(['[', ']'])
                {
                    done = end + 1;
                }
            }
            b'<' if after.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '/' | '!')) => {
                if let Some(end) = ends.next(b'>', done) {
                    let address = &line[done..end];
                    if !address.contains(' ') && (address.contains("://") || address.contains('@')) {
                        out.push_str(address);
                    }
                    done = end + 1;
                } else {
                    out.push('<');
                }
            }
            b'&' => match reference(after).filter(|(_, length)| after[..*length].ends_with(';')) {
                Some((resolved, length)) => {
                    out.push_str(&resolved);
                    done += length;
                }
                None => out.push('&'),
            },
            other => out.push(char::from(other)),
        }
    }
    out.push_str(&line[done..]);
    out
}

/// Where the marks that end a target, a tag or code come next. Each is looked for once: a line may be the whole file, and
/// full of targets that never end.
struct Ends<'a> {
    line: &'a str,
    /// Per mark, the place last found; the line's length when there is none.
    found: [Option<usize>; 4],
}

impl Ends<'_> {
    fn next(&mut self, mark: u8, from: usize) -> Option<usize> {
        let slot = match mark {
            b'>' => 0,
            b')' => 1,
            b']' => 2,
            _ => 3,
        };
        let at = match self.found[slot] {
            Some(at) if at >= from => at,
            _ => {
                let rest = &self.line.as_bytes()[from..];
                rest.iter()
                    .position(|byte| *byte == mark)
                    .map_or(self.line.len(), |at| from + at)
            }
        };
        self.found[slot] = Some(at);
        (at < self.line.len()).then_some(at)
    }
}
