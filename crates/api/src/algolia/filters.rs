//! `filters`, `facetFilters` and `numericFilters`: all become an AND of ORs.
//!
//! The grammar of `filters` is Algolia's: `AND` of `OR`s in parentheses, `NOT`, `attribute:value`,
//! `attribute:"two words"`, comparisons with `< <= = != >= >`, and `attribute:1 TO 5`. A group of ORs may not contain
//! ANDs, and groups are not negated; both are refused in words.

mod lexer;
mod numeric;

use std::collections::HashSet;

use index::Filter;
use model::RecordId;
use serde_json::Value as Json;

use super::names::SourceNames;
use super::wire::Refused;
use lexer::{Lexer, Token};

/// The most conditions of one request.
const CONDITIONS_MAX: usize = 1_000;

/// An AND of ORs, as the index takes it.
pub(crate) type Cnf = Vec<Vec<Filter>>;

/// One condition before sources are looked up by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Atom {
    /// A facet has a value.
    Facet {
        name: String,
        value: String,
        is_negated: bool,
    },
    /// What the index takes as it is.
    Ready(Filter),
}

/// Collects the conditions of one request.
#[derive(Debug)]
pub(crate) struct Filters<'a> {
    names: &'a SourceNames,
    cnf: Cnf,
    count: usize,
}

impl<'a> Filters<'a> {
    /// No condition yet.
    pub(crate) fn new(names: &'a SourceNames) -> Self {
        Self {
            names,
            cnf: Vec::new(),
            count: 0,
        }
    }

    /// The conditions.
    pub(crate) fn into_cnf(self) -> Cnf {
        self.cnf
    }

    /// Adds `filters`.
    pub(crate) fn add_filters(&mut self, text: &str) -> Result<(), Refused> {
        let mut parser = Parser::new(text)?;
        if parser.peek().is_none() {
            return Ok(());
        }
        loop {
            let group = parser.group()?;
            self.add_group(&group)?;
            match parser.next() {
                None => return Ok(()),
                Some(Token::And) => {}
                Some(Token::Or) => {
                    return Err(refused(
                        text,
                        "an OR between groups that hold ANDs; Algolia's grammar takes ANDs of ORs: put the ORs into parentheses",
                    ));
                }
                Some(other) => return Err(refused(text, &format!("`{other}` where AND was expected"))),
            }
        }
    }

    /// Adds `facetFilters`: a text, a list (AND), or a list of lists (AND of ORs).
    pub(crate) fn add_facet_filters(&mut self, value: &Json) -> Result<(), Refused> {
        self.add_nested("facetFilters", value, &facet)
    }

    /// Adds `numericFilters`, in the same shapes.
    pub(crate) fn add_numeric_filters(&mut self, value: &Json) -> Result<(), Refused> {
        self.add_nested("numericFilters", value, &numeric::condition)
    }

    fn add_nested(
        &mut self,
        name: &str,
        value: &Json,
        read: &dyn Fn(&str) -> Result<Atom, Refused>,
    ) -> Result<(), Refused> {
        let shape = || {
            Refused::bad(format!(
                "`{name}` has to be a text, a list, or a list of lists of texts"
            ))
        };
        match value {
            Json::Null => Ok(()),
            Json::String(text) if text.trim_start().starts_with('[') => {
                let value: Json = serde_json::from_str(text).map_err(|_unreadable| shape())?;
                self.add_nested(name, &value, read)
            }
            Json::String(text) => {
                // A bare text is an AND of what its commas part.
                for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                    self.add_group(&[read(part)?])?;
                }
                Ok(())
            }
            Json::Array(items) => {
                for item in items {
                    match item {
                        Json::String(text) => self.add_group(&[read(text)?])?,
                        Json::Array(any) => {
                            let texts = any.iter().map(|one| one.as_str().ok_or_else(shape));
                            let group = texts.map(|text| read(text?)).collect::<Result<Vec<_>, _>>()?;
                            // An empty group of refinements is what a client sends for none.
                            if !group.is_empty() {
                                self.add_group(&group)?;
                            }
                        }
                        _ => return Err(shape()),
                    }
                }
                Ok(())
            }
            _ => Err(shape()),
        }
    }

    /// Adds one OR. A condition that stands in it twice counts once.
    fn add_group(&mut self, atoms: &[Atom]) -> Result<(), Refused> {
        let mut seen = HashSet::new();
        let mut group = Vec::new();
        for atom in atoms.iter().filter(|atom| seen.insert(*atom)) {
            self.count += 1;
            if self.count > CONDITIONS_MAX {
                return Err(Refused::bad(format!("too many filters: at most {CONDITIONS_MAX}")));
            }
            group.push(self.filter(atom));
        }
        self.cnf.push(group);
        Ok(())
    }

    fn filter(&self, atom: &Atom) -> Filter {
        let (name, value, is_negated) = match atom {
            Atom::Ready(filter) => return filter.clone(),
            Atom::Facet {
                name,
                value,
                is_negated,
            } => (name, value, *is_negated),
        };
        let filter = match name.as_str() {
            // A name may stand for several sources, or for none that the asker knows.
            "source" => Filter::sources(self.names.ids(value)),
            "source_id" => Filter::facet("source", value),
            // What is no id is the id of no record.
            "objectID" => Filter::records(value.parse().ok().map(RecordId).into_iter().collect()),
            name => Filter::facet(name, value),
        };
        if is_negated { filter.not() } else { filter }
    }
}

fn refused(text: &str, why: &str) -> Refused {
    Refused::bad(format!("filters: {why}, in `{text}`"))
}

/// One element of `facetFilters`: `attribute:value`, negated by `-` before either.
fn facet(text: &str) -> Result<Atom, Refused> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| Refused::bad(format!("facetFilters: `{text}` is not `attribute:value`")))?;
    let value = value.split_once(lexer::SCORE).map_or(value, |(value, _)| value);
    let (name, is_name_negated) = strip_minus(name.trim());
    // A value that really begins with a minus is written `\-`.
    let (value, is_value_negated) = strip_minus(value.trim());
    let value = value
        .strip_prefix("\\-")
        .map_or_else(|| value.to_owned(), |rest| format!("-{rest}"));
    if name.is_empty() {
        return Err(Refused::bad(format!("facetFilters: `{text}` names no attribute")));
    }
    if let Some(timed) = timed(name, &value) {
        let atom = timed.map_err(|why| Refused::bad(format!("facetFilters: {why}, in `{text}`")))?;
        return Ok(negated(atom, is_name_negated != is_value_negated));
    }
    Ok(Atom::Facet {
        name: name.to_owned(),
        value,
        is_negated: is_name_negated != is_value_negated,
    })
}

/// The condition on a time, if the attribute is one, or a range of something else.
fn timed(name: &str, value: &str) -> Option<Result<Atom, String>> {
    numeric::range(name, value).or_else(|| numeric::instant(name, value))
}

fn strip_minus(text: &str) -> (&str, bool) {
    text.strip_prefix('-').map_or((text, false), |rest| (rest, true))
}

/// Reads `filters`.
struct Parser<'a> {
    text: &'a str,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, Refused> {
        let tokens = Lexer::new(text).all().map_err(|why| refused(text, &why))?;
        Ok(Self {
            text,
            tokens: tokens.into_iter().peekable(),
        })
    }

    fn peek(&mut self) -> Option<&Token> {
        self.tokens.peek()
    }

    fn next(&mut self) -> Option<Token> {
        self.tokens.next()
    }

    /// `( a OR b )`, `a OR b` or `a`.
    fn group(&mut self) -> Result<Vec<Atom>, Refused> {
        let mut depth = 0_u32;
        while self.peek() == Some(&Token::Open) {
            self.next();
            depth += 1;
        }
        let mut atoms = vec![self.atom()?];
        loop {
            match self.peek() {
                Some(Token::Or) => {
                    self.next();
                    atoms.push(self.atom()?);
                }
                Some(Token::Close) if depth > 0 => {
                    self.next();
                    depth -= 1;
                }
                Some(Token::And) if depth > 0 => {
                    return Err(refused(
                        self.text,
                        "an AND inside of parentheses; Algolia's grammar takes ANDs of ORs: only ORs go into parentheses",
                    ));
                }
                _ => break,
            }
        }
        if depth > 0 {
            return Err(refused(self.text, "a parenthesis is not closed"));
        }
        Ok(atoms)
    }

    fn atom(&mut self) -> Result<Atom, Refused> {
        let mut is_negated = false;
        while self.peek() == Some(&Token::Not) {
            self.next();
            is_negated = !is_negated;
        }
        match self.next() {
            Some(Token::Facet { name, value }) => match timed(&name, &value) {
                Some(range) => Ok(negated(range.map_err(|why| refused(self.text, &why))?, is_negated)),
                None => Ok(negated(
                    Atom::Facet {
                        name,
                        value,
                        is_negated: false,
                    },
                    is_negated,
                )),
            },
            Some(Token::Comparison(text)) => Ok(negated(numeric::condition(&text)?, is_negated)),
            Some(Token::Open) if is_negated => Err(refused(
                self.text,
                "NOT before parentheses; negate each condition instead",
            )),
            Some(other) => Err(refused(self.text, &format!("`{other}` where a condition was expected"))),
            None => Err(refused(self.text, "it ends where a condition was expected")),
        }
    }
}

fn negated(atom: Atom, flip: bool) -> Atom {
    match atom {
        _ if !flip => atom,
        Atom::Facet {
            name,
            value,
            is_negated,
        } => Atom::Facet {
            name,
            value,
            is_negated: !is_negated,
        },
        Atom::Ready(filter) => Atom::Ready(filter.not()),
    }
}

#[cfg(test)]
mod tests;
