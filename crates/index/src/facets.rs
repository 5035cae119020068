//! Facets: which values a document has, and how counts become an answer.

use std::collections::{BTreeSet, HashMap};

use model::Document;

use crate::highlight::highlight;
use crate::matching::Words;
use crate::{
    Facet, FacetCount, FacetOrder, FacetRequest, FacetStats, MatchLevel, QueryType, Tags, Time, TypoTolerance,
};

/// Stands for every facet but the times.
pub(crate) const ALL: &str = "*";

/// A facet that every document has, under a name that its own facets can't take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fixed {
    Source,
    Kind,
    Stream,
    People,
}

impl Fixed {
    pub(crate) const ALL: [Self; 4] = [Self::Source, Self::Kind, Self::Stream, Self::People];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Kind => "kind",
            Self::Stream => "stream",
            Self::People => "people",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fixed| fixed.name() == name)
    }

    /// The document's values, each once.
    pub(crate) fn values(self, document: &Document) -> BTreeSet<String> {
        match self {
            Self::Source => [document.source.to_string()].into(),
            Self::Kind => [document.kind.clone()].into(),
            Self::Stream => [document.stream.clone()].into(),
            Self::People => document.people.iter().cloned().collect(),
        }
    }
}

/// Whether a document's own facet may have this name.
pub(crate) fn is_own_name(name: &str) -> bool {
    Fixed::find(name).is_none() && Time::find(name).is_none() && name != ALL
}

/// The form in which values are compared by filters.
pub(crate) fn fold(value: &str) -> String {
    value.to_lowercase()
}

/// The counts of values that filters take for the same, under the spelling that most have.
fn merged<'v>(counts: &[(&'v str, u64)]) -> Vec<(&'v str, u64)> {
    let mut merged: HashMap<String, (&'v str, u64, u64)> = HashMap::with_capacity(counts.len());
    for (value, count) in counts.iter().copied() {
        let (spelling, most, sum) = merged.entry(fold(value)).or_insert((value, 0, 0));
        if (*most, value) < (count, *spelling) {
            (*spelling, *most) = (value, count);
        }
        *sum += count;
    }
    merged.into_values().map(|(spelling, _, sum)| (spelling, sum)).collect()
}

/// The answer for one facet, from the counts of its values (each value once, none of them zero, in any order).
pub(crate) fn finish(request: &FacetRequest, name: &str, mut counts: Vec<(&str, u64)>) -> Facet {
    let stats = stats(&counts);
    counts = merged(&counts);
    let tags = Tags::default();
    let words = request
        .query
        .as_ref()
        .map(|query| Words::parse(query, QueryType::PrefixLast, TypoTolerance::On));
    if let Some(words) = words.as_ref().filter(|words| !words.is_empty()) {
        counts.retain(|(value, _)| highlight(value, words, &tags).match_level == MatchLevel::Full);
    }
    let order = |one: &(&str, u64), other: &(&str, u64)| match request.order {
        FacetOrder::Count => (other.1, one.0).cmp(&(one.1, other.0)),
        FacetOrder::Value => one.cmp(other),
    };
    if request.values_max > 0 && counts.len() > request.values_max {
        counts.select_nth_unstable_by(request.values_max - 1, order);
    }
    counts.truncate(request.values_max);
    counts.sort_unstable_by(order);
    let values = counts.into_iter().map(|(value, count)| FacetCount {
        value: value.to_owned(),
        count,
        highlighted: words.as_ref().map(|words| highlight(value, words, &tags).value),
    });
    Facet {
        name: name.to_owned(),
        values: values.collect(),
        stats,
    }
}

/// The answer for a time: statistics only.
pub(crate) fn finish_time(time: Time, stats: Option<FacetStats>) -> Facet {
    Facet {
        name: time.name().to_owned(),
        values: Vec::new(),
        stats,
    }
}

fn stats(counts: &[(&str, u64)]) -> Option<FacetStats> {
    let mut running = Running::default();
    for (value, count) in counts {
        let number: f64 = value.trim().parse().ok()?;
        if !number.is_finite() {
            return None;
        }
        running.add(number, *count);
    }
    running.finish()
}

/// Statistics while they are being gathered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Running {
    held: Option<(f64, f64)>,
    sum: f64,
    count: u64,
}

impl Running {
    /// Counts `number` in, `count` times.
    pub(crate) fn add(&mut self, number: f64, count: u64) {
        let (min, max) = self.held.unwrap_or((number, number));
        self.held = Some((min.min(number), max.max(number)));
        #[expect(clippy::cast_precision_loss, reason = "a statistic for a slider")]
        let times = count as f64;
        self.sum += number * times;
        self.count += count;
    }

    /// The statistics; `None` of nothing.
    pub(crate) fn finish(self) -> Option<FacetStats> {
        #[expect(clippy::cast_precision_loss, reason = "a statistic for a slider")]
        let count = self.count as f64;
        self.held.map(|(min, max)| FacetStats {
            min,
            max,
            avg: self.sum / count,
            sum: self.sum,
        })
    }
}

#[cfg(test)]
mod tests {
    //! Counts.

    use super::merged;

    #[test]
    fn values_that_filters_take_for_the_same_are_counted_as_one() {
        let mut found = merged(&[("Pdf", 2), ("pdf", 40), ("PDF", 2), ("md", 1), ("MD", 1)]);
        found.sort_unstable();
        assert_eq!(found, [("MD", 2), ("pdf", 44)]);
    }
}
