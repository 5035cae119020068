//! What is answered. Everything here is about documents that the asker may see, and about nothing else.

use std::collections::BTreeMap;

use model::{RecordId, Revision, SourceId, Timestamp};

use crate::Attribute;

/// The answer to one search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchResponse {
    /// How many documents match: exact, and counted over permitted documents only.
    pub nb_hits: u64,
    /// The hits of the page.
    pub hits: Vec<Hit>,
    /// The facets, in the order of the request; `*` is replaced by what it stands for, by name.
    pub facets: Vec<Facet>,
}

/// One document that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The record that it shows.
    pub record: RecordId,
    /// That record's revision.
    pub revision: Revision,
    /// The source that the record belongs to.
    pub source: SourceId,
    /// The stream's name.
    pub stream: String,
    /// What it is: `pdf`, `issue`, `card`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// Where the provider shows it.
    pub url: Option<String>,
    /// Where it lives.
    pub path: Option<String>,
    /// Names of people.
    pub people: Vec<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub changed_at: Option<Timestamp>,
    /// Its own facets.
    pub facets: BTreeMap<String, Vec<String>>,
    /// The whole body, where it was asked for.
    pub body: Option<String>,
    /// The highlighted attributes that were asked for and that the document has: one value, for people one each.
    pub highlights: BTreeMap<Attribute, Vec<Highlighted>>,
    /// The part of the body around the best match, where it was asked for.
    pub snippet: Option<Highlighted>,
    /// Why it stands where it stands.
    pub ranking: Ranking,
}

/// A text with its matches marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlighted {
    /// The text with tags around matches, otherwise raw.
    pub value: String,
    /// How much of the query was found in it.
    pub match_level: MatchLevel,
    /// Words of the query that were found in it.
    pub matched_words: Vec<String>,
    /// Whether the whole text is a match.
    pub fully_highlighted: bool,
}

/// How much of a query was found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchLevel {
    /// No word.
    None,
    /// Some words.
    Partial,
    /// All words.
    Full,
}

impl MatchLevel {
    /// Its name on the wire: `none`, `partial`, `full`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Partial => "partial",
            Self::Full => "full",
        }
    }
}

/// The ranking criteria of one hit, in the order in which they decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Typos, summed over the words. Fewer is better.
    pub typos: u32,
    /// Words of the query that were found. More is better.
    pub words: u32,
    /// Distances between neighbouring words of the query, each 1 to 8, summed. Fewer is better; 0 for one word.
    pub proximity: u32,
    /// Ranks of the best attribute of each word ([`Attribute::rank`]), summed. Fewer is better.
    pub attribute: u32,
    /// Words found exactly: whole, without typos. More is better.
    pub exact: u32,
}

/// The counts of one facet.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<FacetCount>,
    /// Statistics, where all values are numbers (times count as milliseconds).
    pub stats: Option<FacetStats>,
}

/// How many documents have one value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// The value.
    pub value: String,
    /// How many matching, permitted documents have it.
    pub count: u64,
    /// The value with the facet query's matches in `<em>`, where one was given.
    pub highlighted: Option<String>,
}

/// Statistics of a facet of numbers, over matching, permitted documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FacetStats {
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// The mean.
    pub avg: f64,
    /// The sum.
    pub sum: f64,
}
