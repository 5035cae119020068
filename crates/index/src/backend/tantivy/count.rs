//! Facet counts: one counter per different value while a segment is read, merged by value afterwards.

use std::collections::BTreeMap;
use std::ops::Range;

use tantivy::TantivyError;
use tantivy::columnar::{Column, ColumnIndex};

use super::segment::Segment;
use super::values::{Values, split};
use crate::facets::{self, Fixed, Running};
use crate::{Facet, SearchRequest, Time};

/// How many documents are counted together.
const BLOCK: usize = 256;

/// Counts of one request over all segments.
#[derive(Debug, Default)]
pub(super) struct Counts {
    by_facet: BTreeMap<String, Tally>,
    times: [Running; 2],
}

/// Values in their order, each with its count. Dictionaries are sorted, so tallies of segments are merged like sorted
/// lists; only the values that are returned become strings of their own.
#[derive(Debug, Default)]
struct Tally {
    text: String,
    /// Where each value ends in `text`, and its count.
    entries: Vec<(usize, u64)>,
}

impl Tally {
    fn push(&mut self, value: &str, count: u64) {
        self.text.push_str(value);
        self.entries.push((self.text.len(), count));
    }

    fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let mut start = 0;
        self.entries.iter().map(move |(end, count)| {
            let value = &self.text[start..*end];
            start = *end;
            (value, *count)
        })
    }

    fn merge(self, other: Self) -> Self {
        if self.entries.is_empty() {
            return other;
        }
        let mut merged = Self::default();
        let mut others = other.iter().peekable();
        for (value, count) in self.iter() {
            while let Some((before, count)) = others.next_if(|(one, _)| *one < value) {
                merged.push(before, count);
            }
            let same = others.next_if(|(one, _)| *one == value).map_or(0, |(_, count)| count);
            merged.push(value, count + same);
        }
        others.for_each(|(value, count)| merged.push(value, count));
        merged
    }
}

/// Counts of one request in one segment.
pub(super) struct Counter<'s> {
    columns: Vec<Counted<'s>>,
    times: Vec<(Time, &'s Column<i64>)>,
    /// Documents that are counted together, which columns answer faster.
    waiting: Vec<u32>,
    ordinals: Vec<u64>,
}

struct Counted<'s> {
    /// `None` for the column of documents' own facets.
    fixed: Option<Fixed>,
    values: &'s Values,
    counts: Vec<u64>,
    /// The ordinals that are asked for; empty means all.
    ranges: Vec<Range<u64>>,
}

impl<'s> Counter<'s> {
    /// A counter for what `request` asks for.
    pub(super) fn new(request: &SearchRequest, segment: &'s Segment) -> Result<Self, TantivyError> {
        let asks_for = |name: &str| request.facets.iter().any(|facet| facet.name == name);
        let wants_all = asks_for(facets::ALL);
        let mut columns = Vec::new();
        for fixed in Fixed::ALL {
            if let Some(values) = segment.fixed(fixed).filter(|_| wants_all || asks_for(fixed.name())) {
                columns.push(Counted::new(Some(fixed), values, Vec::new()));
            }
        }
        let mut ranges = Vec::new();
        if let Some(own) = segment.own() {
            for facet in request
                .facets
                .iter()
                .filter(|facet| !wants_all && facets::is_own_name(&facet.name))
            {
                ranges.push(own.range_of(&facet.name)?);
            }
            ranges.retain(|range| !range.is_empty());
            if wants_all || !ranges.is_empty() {
                columns.push(Counted::new(None, own, ranges));
            }
        }
        let wanted_times = [Time::CreatedAt, Time::ChangedAt]
            .into_iter()
            .filter(|time| asks_for(time.name()));
        let times = wanted_times
            .filter_map(|time| Some((time, segment.time(time)?)))
            .collect();
        Ok(Self {
            columns,
            times,
            waiting: Vec::with_capacity(BLOCK),
            ordinals: vec![0; BLOCK],
        })
    }

    /// Whether there is anything to count.
    pub(super) fn is_idle(&self) -> bool {
        self.columns.is_empty() && self.times.is_empty()
    }

    /// Counts a document.
    pub(super) fn add(&mut self, doc: u32, total: &mut Counts) {
        self.waiting.push(doc);
        if self.waiting.len() == BLOCK {
            self.count_waiting(total);
        }
    }

    fn count_waiting(&mut self, total: &mut Counts) {
        for counted in &mut self.columns {
            counted.add(&self.waiting, &mut self.ordinals);
        }
        for (time, column) in &self.times {
            for at in self.waiting.iter().filter_map(|doc| column.first(*doc)) {
                #[expect(clippy::cast_precision_loss, reason = "a statistic for a slider")]
                total.times[*time as usize].add(at as f64, 1);
            }
        }
        self.waiting.clear();
    }

    /// Adds what was counted to the request's counts.
    pub(super) fn finish(mut self, total: &mut Counts) -> Result<(), TantivyError> {
        self.count_waiting(total);
        for counted in self.columns {
            counted.finish(total)?;
        }
        Ok(())
    }
}

impl<'s> Counted<'s> {
    fn new(fixed: Option<Fixed>, values: &'s Values, ranges: Vec<Range<u64>>) -> Self {
        Self {
            fixed,
            values,
            counts: vec![0; values.column.num_terms()],
            ranges,
        }
    }

    fn add(&mut self, docs: &[u32], ordinals: &mut [u64]) {
        let column = self.values.column.ords();
        if let ColumnIndex::Full = column.index {
            let ordinals = &mut ordinals[..docs.len()];
            column.values.get_vals(docs, ordinals);
            for ord in ordinals {
                self.add_one(*ord);
            }
        } else {
            docs.iter()
                .flat_map(|doc| column.values_for_doc(*doc))
                .for_each(|ord| self.add_one(ord));
        }
    }

    fn add_one(&mut self, ord: u64) {
        if let Some(count) = usize::try_from(ord).ok().and_then(|ord| self.counts.get_mut(ord)) {
            *count += 1;
        }
    }

    fn finish(self, total: &mut Counts) -> Result<(), TantivyError> {
        let is_wanted = |ord: &u64| self.ranges.is_empty() || self.ranges.iter().any(|range| range.contains(ord));
        let counted = (0_u64..)
            .zip(&self.counts)
            .filter(|(ord, count)| **count > 0 && is_wanted(ord));
        let (ords, counts): (Vec<u64>, Vec<u64>) = counted.map(|(ord, count)| (ord, *count)).unzip();
        let mut counts = counts.into_iter();
        let fixed = self.fixed;
        let mut tallies: Vec<(String, Tally)> = Vec::new();
        self.values.column.dictionary().sorted_ords_to_term_cb(&ords, |bytes| {
            let (own_name, value) = split(bytes, fixed.is_none());
            let name = match fixed {
                Some(fixed) => fixed.name(),
                None => own_name,
            };
            if tallies.last().is_none_or(|(last, _)| last != name) {
                tallies.push((name.to_owned(), Tally::default()));
            }
            if let (Some((_, tally)), Some(count)) = (tallies.last_mut(), counts.next()) {
                tally.push(value, count);
            }
        })?;
        for (name, tally) in tallies {
            let held = total.by_facet.remove(&name).unwrap_or_default();
            total.by_facet.insert(name, held.merge(tally));
        }
        Ok(())
    }
}

impl Counts {
    /// The facets that `request` asks for.
    pub(super) fn finish(self, request: &SearchRequest) -> Vec<Facet> {
        let mut found = Vec::new();
        for facet in &request.facets {
            if let Some(time) = Time::find(&facet.name) {
                found.push(facets::finish_time(time, self.times[time as usize].finish()));
            } else if facet.name == facets::ALL {
                let all = self.by_facet.iter();
                let all = all.map(|(name, tally)| facets::finish(facet, name, tally.iter().collect()));
                found.extend(all.filter(|facet| !facet.values.is_empty()));
            } else {
                let values = self.by_facet.get(&facet.name).map(|tally| tally.iter().collect());
                found.push(facets::finish(facet, &facet.name, values.unwrap_or_default()));
            }
        }
        found
    }
}
