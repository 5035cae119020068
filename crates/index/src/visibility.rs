//! Who may see a document, as one short text that an engine can keep in a dictionary.
//!
//! Most documents of a source share their permissions, so an engine holds few different texts, decides each of them
//! once per asker and remembers the outcome. Nothing is dropped or shortened: the text holds every set whole.
//! A text that can't be read is seen by nobody.

use std::collections::HashSet;

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

#[cfg(test)]
mod tests;
