//! What is asked.

use model::{RecordId, SourceId, Timestamp};

use crate::Error;

/// The most hits that one answer may hold.
pub const HITS_PER_PAGE_MAX: usize = 1_000;
/// The deepest hit that can be asked for: `offset + hits_per_page` beyond it is an error.
pub const DEPTH_MAX: usize = 10_000;
/// The most groups of filters that one request may hold.
pub const FILTER_GROUPS_MAX: usize = 64;
/// The most words of a query that count; further ones are ignored.
pub const WORDS_MAX: usize = 16;
/// The most bytes of a query's text that are read; the rest is ignored.
pub const QUERY_BYTES_MAX: usize = 2_048;

/// One search. `Default` is: everything, newest first, 20 hits, no facets, no highlights.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What was typed. Empty (or without any letter or digit): everything, newest first.
    pub query: String,
    /// How many hits to skip.
    pub offset: usize,
    /// How many hits to return, at most [`HITS_PER_PAGE_MAX`]. Zero is fine: counts and facets only.
    pub hits_per_page: usize,
    /// Which facets to count.
    pub facets: Vec<FacetRequest>,
    /// AND of ORs: every inner list must have a filter that holds. An empty inner list holds for nothing.
    pub filters: Vec<Vec<Filter>>,
    /// How mistyped words are treated.
    pub typo_tolerance: TypoTolerance,
    /// Which words match as prefixes.
    pub query_type: QueryType,
    /// The attributes that are searched; empty means all.
    pub attributes: Vec<Attribute>,
    /// Which attributes to highlight; `None` means none.
    pub highlight: Option<Highlight>,
    /// The part of the body around the best match; `None` means no snippet.
    pub snippet: Option<Snippet>,
    /// Return the whole body with each hit.
    pub with_body: bool,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: String::new(),
            offset: 0,
            hits_per_page: 20,
            facets: Vec::new(),
            filters: Vec::new(),
            typo_tolerance: TypoTolerance::On,
            query_type: QueryType::PrefixLast,
            attributes: Vec::new(),
            highlight: None,
            snippet: None,
            with_body: false,
        }
    }
}

impl SearchRequest {
    /// A search for `query` with everything else as by default.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            ..Self::default()
        }
    }

    /// The same search, `page` counted from 0.
    #[must_use]
    pub fn page(mut self, page: usize) -> Self {
        self.offset = page.saturating_mul(self.hits_per_page);
        self
    }
}

/// What is searched, the most telling first: this order is the attribute criterion of the ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The title.
    Title,
    /// Names of people.
    People,
    /// Where it lives.
    Path,
    /// Everything else.
    Body,
}

impl Attribute {
    /// All of them, in ranking order.
    pub const ALL: [Self; 4] = [Self::Title, Self::People, Self::Path, Self::Body];

    /// Its name on the wire: `title`, `people`, `path`, `body`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::People => "people",
            Self::Path => "path",
            Self::Body => "body",
        }
    }

    /// The attribute of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name() == name)
    }

    /// Its place in the ranking order, from 0.
    pub fn rank(self) -> u8 {
        match self {
            Self::Title => 0,
            Self::People => 1,
            Self::Path => 2,
            Self::Body => 3,
        }
    }
}

/// One facet to count.
///
/// Names: `source` (values are ids), `kind`, `stream`, `people`, every key of a document's own facets, and
/// `created_at`, `changed_at` (numbers: statistics only). `*` stands for all but the times. A document's own facet
/// with one of these names is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetRequest {
    /// The facet's name, or `*`.
    pub name: String,
    /// The most values to return.
    pub values_max: usize,
    /// How the values are ordered.
    pub order: FacetOrder,
    /// Search inside the values: only those that this text matches (as a title would be matched) are returned.
    pub query: Option<String>,
}

impl FacetRequest {
    /// The 100 most frequent values of `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            values_max: 100,
            order: FacetOrder::Count,
            query: None,
        }
    }
}

/// How a facet's values are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacetOrder {
    /// The most frequent first, equals by value.
    Count,
    /// By value.
    Value,
}

/// One condition on a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What is compared.
    pub condition: Condition,
    /// Whether the condition must *not* hold.
    pub negated: bool,
}

impl Filter {
    /// Facet `name` has `value`.
    pub fn facet(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            condition: Condition::Facet {
                name: name.into(),
                value: value.into(),
            },
            negated: false,
        }
    }

    /// `time` lies in `from..=to`; `None` is an open end.
    pub fn time(time: Time, from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        Self {
            condition: Condition::Time { time, from, to },
            negated: false,
        }
    }

    /// The record is one of `records`.
    pub fn records(records: Vec<RecordId>) -> Self {
        Self {
            condition: Condition::Records(records),
            negated: false,
        }
    }

    /// The document belongs to one of `sources`; with none of them it holds for nothing.
    pub fn sources(sources: Vec<SourceId>) -> Self {
        Self {
            condition: Condition::Sources(sources),
            negated: false,
        }
    }

    /// The opposite.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "callers read `filter.not()` without importing an operator"
    )]
    pub fn not(mut self) -> Self {
        self.negated = !self.negated;
        self
    }
}

/// What a [`Filter`] compares.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// One of the facet's values is this one, upper and lower case being the same.
    Facet {
        /// As in [`FacetRequest`].
        name: String,
        /// The value.
        value: String,
    },
    /// The time is known and lies within these ends, both included.
    Time {
        /// Which time.
        time: Time,
        /// Not before; `None` means any.
        from: Option<Timestamp>,
        /// Not after; `None` means any.
        to: Option<Timestamp>,
    },
    /// The record is one of these.
    Records(Vec<RecordId>),
    /// The document's source is one of these.
    Sources(Vec<SourceId>),
}

/// A document's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Time {
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    ChangedAt,
}

impl Time {
    /// Its name as a facet and in filters: `created_at`, `changed_at`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::ChangedAt => "changed_at",
        }
    }

    /// The time of that name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::CreatedAt, Self::ChangedAt]
            .into_iter()
            .find(|time| time.name() == name)
    }
}

/// How mistyped words are treated. One typo is allowed from 4 letters, two from 8; a typo in the first letter is two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypoTolerance {
    /// Typos match and rank lower.
    On,
    /// No typos.
    Off,
    /// Only the lowest number of typos that matches anything.
    Min,
    /// The two lowest numbers of typos that match anything.
    Strict,
}

/// Which words of a query match as prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueryType {
    /// The last one, unless a separator follows it.
    PrefixLast,
    /// All of them.
    PrefixAll,
    /// None of them.
    PrefixNone,
}

/// Which attributes to highlight, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// The attributes; the body among them is returned whole.
    pub attributes: Vec<Attribute>,
    /// What surrounds a match.
    pub tags: Tags,
}

impl Default for Highlight {
    fn default() -> Self {
        Self {
            attributes: vec![Attribute::Title, Attribute::People, Attribute::Path],
            tags: Tags::default(),
        }
    }
}

/// What surrounds a match. The rest of the text is returned raw, not escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    /// Before.
    pub pre: String,
    /// After.
    pub post: String,
}

impl Default for Tags {
    fn default() -> Self {
        Self {
            pre: "<em>".to_owned(),
            post: "</em>".to_owned(),
        }
    }
}

/// The part of the body around the best match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// About how many words long.
    pub words: usize,
    /// Put where text was left out.
    pub ellipsis: String,
    /// What surrounds a match.
    pub tags: Tags,
}

impl Default for Snippet {
    fn default() -> Self {
        Self {
            words: 30,
            ellipsis: "…".to_owned(),
            tags: Tags::default(),
        }
    }
}

impl SearchRequest {
    /// Refuses what can't be answered.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.hits_per_page > HITS_PER_PAGE_MAX {
            let text = format!(
                "`{}` hits per page are too many: at most {HITS_PER_PAGE_MAX}",
                self.hits_per_page
            );
            return Err(Error::InvalidRequest(text));
        }
        let depth = self.offset.saturating_add(self.hits_per_page);
        if depth > DEPTH_MAX {
            let text = format!("hit `{depth}` is too deep: at most {DEPTH_MAX}; narrow the search with filters");
            return Err(Error::InvalidRequest(text));
        }
        if self.filters.len() > FILTER_GROUPS_MAX {
            let text = format!(
                "`{}` groups of filters are too many: at most {FILTER_GROUPS_MAX}",
                self.filters.len()
            );
            return Err(Error::InvalidRequest(text));
        }
        Ok(())
    }
}
