//! Filters in one segment: each group of alternatives becomes one bit of a mask.

use std::collections::HashSet;

use tantivy::TantivyError;
use tantivy::columnar::Column;

use super::segment::Segment;
use super::values::Values;
use crate::facets::{self, Fixed};
use crate::{Condition, Filter};

/// The most different groups that one pass can tell apart: no fewer than one request may hold.
pub(super) const GROUPS_MAX: usize = crate::FILTER_GROUPS_MAX;

/// The groups of filters of one pass, ready for one segment.
pub(super) struct Groups<'s> {
    groups: Vec<Vec<Test<'s>>>,
}

struct Test<'s> {
    kind: Kind<'s>,
    is_negated: bool,
}

enum Kind<'s> {
    /// One of these ordinals is among the document's.
    Ordinals(&'s Column<u64>, Vec<u64>),
    /// The document's number lies within.
    Range(&'s Column<i64>, i64, i64),
    /// The document's record is among these.
    Records(&'s Segment, HashSet<i64>),
    /// No document here.
    Nothing,
}

impl<'s> Groups<'s> {
    /// Prepares `groups` for `segment`.
    pub(super) fn new(groups: &[&[Filter]], segment: &'s Segment) -> Result<Self, TantivyError> {
        let prepare = |group: &&[Filter]| group.iter().map(|filter| Test::new(filter, segment)).collect();
        Ok(Self {
            groups: groups.iter().map(prepare).collect::<Result<_, _>>()?,
        })
    }

    /// One bit for each group that holds for the document.
    pub(super) fn mask(&self, doc: u32) -> u64 {
        let mut mask = 0;
        for (nth, group) in self.groups.iter().enumerate() {
            if group.iter().any(|test| test.holds(doc)) {
                mask |= 1 << nth;
            }
        }
        mask
    }
}

impl<'s> Test<'s> {
    fn new(filter: &Filter, segment: &'s Segment) -> Result<Self, TantivyError> {
        let kind = match &filter.condition {
            Condition::Facet { name, value } => match Fixed::find(name) {
                Some(fixed) => Kind::ordinals(segment.fixed(fixed), None, &[value])?,
                None if facets::is_own_name(name) => Kind::ordinals(segment.own(), Some(name), &[value])?,
                None => Kind::Nothing,
            },
            Condition::Time { time, from, to } => segment.time(*time).map_or(Kind::Nothing, |column| {
                Kind::Range(
                    column,
                    from.map_or(i64::MIN, |from| from.0),
                    to.map_or(i64::MAX, |to| to.0),
                )
            }),
            Condition::Records(records) => Kind::Records(segment, records.iter().map(|record| record.0).collect()),
            Condition::Sources(sources) => {
                let ids: Vec<String> = sources.iter().map(ToString::to_string).collect();
                Kind::ordinals(segment.fixed(Fixed::Source), None, &ids)?
            }
        };
        Ok(Self {
            kind,
            is_negated: filter.negated,
        })
    }

    fn holds(&self, doc: u32) -> bool {
        let holds = match &self.kind {
            Kind::Ordinals(column, wanted) => column.values_for_doc(doc).any(|ord| wanted.contains(&ord)),
            Kind::Range(column, from, to) => column.first(doc).is_some_and(|at| *from <= at && at <= *to),
            Kind::Records(segment, records) => records.contains(&segment.record(doc)),
            Kind::Nothing => false,
        };
        holds != self.is_negated
    }
}

impl<'s> Kind<'s> {
    fn ordinals(
        values: Option<&'s Values>,
        name: Option<&str>,
        wanted: &[impl AsRef<str>],
    ) -> Result<Self, TantivyError> {
        let Some(values) = values else {
            return Ok(Kind::Nothing);
        };
        let mut found = Vec::new();
        for value in wanted {
            found.extend(values.find_folded(name, value.as_ref())?);
        }
        Ok(if found.is_empty() {
            Kind::Nothing
        } else {
            Kind::Ordinals(values.column.ords(), found)
        })
    }
}
