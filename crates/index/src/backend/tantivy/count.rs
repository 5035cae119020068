//! Facet counts: one counter per different value while a segment is read, merged by value afterwards.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use tantivy::TantivyError;
use tantivy::columnar::{Column, ColumnIndex};

use super::segment::{Segment, Values, split};
use crate::facets::{self, Fixed, Running};
use crate::{Facet, SearchRequest, Time};

/// How many documents are counted together.
const BLOCK: usize = 256;

/// Counts of one request over all segments.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// By facet and value.
    by_facet: BTreeMap<String, HashMap<String, u64>>,
    times: [Running; 2],
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
            ordinals.iter().for_each(|ord| self.add_one(*ord));
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
        self.values.column.dictionary().sorted_ords_to_term_cb(&ords, |bytes| {
            let (own_name, value) = split(bytes, fixed.is_none());
            let name = match fixed {
                Some(fixed) => fixed.name(),
                None => own_name,
            };
            let count = counts.next().unwrap_or_default();
            total.add(name, value, count);
        })?;
        Ok(())
    }
}

impl Counts {
    fn add(&mut self, name: &str, value: &str, count: u64) {
        if !self.by_facet.contains_key(name) {
            self.by_facet.insert(name.to_owned(), HashMap::new());
        }
        if let Some(values) = self.by_facet.get_mut(name) {
            match values.get_mut(value) {
                Some(held) => *held += count,
                None => {
                    values.insert(value.to_owned(), count);
                }
            }
        }
    }

    /// The facets that `request` asks for.
    pub(super) fn finish(self, request: &SearchRequest) -> Vec<Facet> {
        let mut found = Vec::new();
        for facet in &request.facets {
            if let Some(time) = Time::find(&facet.name) {
                found.push(facets::finish_time(time, self.times[time as usize].finish()));
            } else if facet.name == facets::ALL {
                let all = self
                    .by_facet
                    .iter()
                    .map(|(name, values)| facets::finish(facet, name, listed(values)));
                found.extend(all.filter(|facet| !facet.values.is_empty()));
            } else {
                let values = self.by_facet.get(&facet.name).map(listed).unwrap_or_default();
                found.push(facets::finish(facet, &facet.name, values));
            }
        }
        found
    }
}

fn listed(values: &HashMap<String, u64>) -> Vec<(String, u64)> {
    values.iter().map(|(value, count)| (value.clone(), *count)).collect()
}
