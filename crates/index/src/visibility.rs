//! Who may see a document, as one short text that an engine can keep in a dictionary.
//!
//! Most documents of a source share their permissions, so an engine holds few different texts, decides each of them
//! once per asker and remembers the outcome. Nothing is dropped or shortened: the text holds every set whole.
//! A text that can't be read is seen by nobody.

use std::collections::{HashMap, HashSet};

use model::{Acl, Asker, SourceId};

/// Starts a set. Principals hold no control characters, so neither separator can occur in one.
const SET: char = '\u{1}';
/// Ends a principal.
const END: char = '\u{2}';

/// The text for a document.
pub(crate) fn encode(source: SourceId, acl: &Acl) -> String {
    let mut text = source.to_string();
    for set in acl.sets() {
        text.push(SET);
        for principal in set {
            text.push_str(principal.as_str());
            text.push(END);
        }
    }
    text
}

/// An asker, prepared for many decisions.
#[derive(Debug)]
pub(crate) struct Viewer<'a> {
    asker: &'a Asker,
    principals: HashSet<&'a str>,
}

impl<'a> Viewer<'a> {
    /// Prepares `asker`.
    pub(crate) fn new(asker: &'a Asker) -> Self {
        let principals = asker.principals.iter().map(model::Principal::as_str).collect();
        Self { asker, principals }
    }

    /// [`Asker::may_see`], for an encoded document.
    pub(crate) fn may_see(&self, text: &str) -> bool {
        let mut parts = text.split(SET);
        let Some(Ok(source)) = parts.next().map(str::parse) else {
            return false;
        };
        self.asker.sources.contains(&source)
            && parts.all(|set| {
                set.split_terminator(END)
                    .any(|principal| self.principals.contains(principal))
            })
    }
}

/// Many texts, read once: an asker's first search then compares numbers instead of reading all of them.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    sources: HashMap<SourceId, u32>,
    principals: HashMap<String, u32>,
    /// For each text the number of its source, then for each set its principals' numbers and [`SET_END`].
    codes: Vec<u32>,
    /// Where each text's codes end; a text that can't be read has none.
    ends: Vec<usize>,
}

const SET_END: u32 = u32::MAX;

impl Rules {
    /// Reads a text.
    pub(crate) fn push(&mut self, text: &str) {
        let mut parts = text.split(SET);
        if let Some(Ok(source)) = parts.next().map(str::parse) {
            let next = number(self.sources.len());
            self.codes.push(*self.sources.entry(source).or_insert(next));
            for set in parts {
                for principal in set.split_terminator(END) {
                    let known = self.principals.get(principal).copied();
                    let code = known.unwrap_or_else(|| {
                        let next = number(self.principals.len());
                        self.principals.insert(principal.to_owned(), next);
                        next
                    });
                    self.codes.push(code);
                }
                self.codes.push(SET_END);
            }
        }
        self.ends.push(self.codes.len());
    }

    /// What [`Viewer::may_see`] says of each text, in the order in which they were read.
    pub(crate) fn decide(&self, viewer: &Viewer<'_>) -> Vec<bool> {
        let mut holds_source = vec![false; self.sources.len()];
        for source in &viewer.asker.sources {
            if let Some(code) = self.sources.get(source) {
                holds_source[*code as usize] = true;
            }
        }
        let mut holds = vec![false; self.principals.len()];
        for principal in &viewer.principals {
            if let Some(code) = self.principals.get(*principal) {
                holds[*code as usize] = true;
            }
        }
        let mut start = 0;
        let decide = |end: &usize| {
            let codes = &self.codes[start..*end];
            start = *end;
            let Some((source, sets)) = codes.split_first() else {
                return false;
            };
            let mut is_met = false;
            holds_source[*source as usize]
                && sets.iter().all(|code| {
                    if *code == SET_END {
                        std::mem::take(&mut is_met)
                    } else {
                        is_met |= holds[*code as usize];
                        true
                    }
                })
        };
        self.ends.iter().map(decide).collect()
    }
}

/// A number below [`SET_END`]: there are fewer texts than that in a segment, and a text is shorter, too.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(SET_END - 1)
}

#[cfg(test)]
mod tests;
