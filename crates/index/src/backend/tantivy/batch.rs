//! Requests that look for the same words are answered together.

use std::collections::HashMap;

use super::filter::GROUPS_MAX;
use crate::matching::Words;
use crate::{Attribute, Filter, SearchRequest, TypoTolerance};

/// Requests that look for the same words in the same attributes.
pub(super) struct Batch<'r> {
    pub words: Words,
    pub attributes: Vec<Attribute>,
    pub members: Vec<Member<'r>>,
    /// The different groups of filters of all members.
    pub groups: Vec<&'r [Filter]>,
}

/// One request of a batch.
pub(super) struct Member<'r> {
    /// Which of all requests it is.
    pub place: usize,
    pub request: &'r SearchRequest,
    /// The bits of the groups that it asks for.
    pub mask: u64,
}

impl Member<'_> {
    /// Whether how many typos it goes up to depends on what matches.
    pub(super) fn limits_typos(&self) -> bool {
        matches!(self.request.typo_tolerance, TypoTolerance::Min | TypoTolerance::Strict)
    }
}

/// Puts requests together that share their words, as far as their different filters fit into one mask.
pub(super) fn batches(requests: &[SearchRequest]) -> Vec<Batch<'_>> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    let mut open: HashMap<(Words, Vec<Attribute>), usize> = HashMap::new();
    for (place, request) in requests.iter().enumerate() {
        let words = Words::parse(&request.query, request.query_type, request.typo_tolerance);
        let is_searched =
            |attribute: &Attribute| request.attributes.is_empty() || request.attributes.contains(attribute);
        let attributes: Vec<Attribute> = Attribute::ALL.into_iter().filter(is_searched).collect();
        let key = (words, attributes);
        let joined = open.get(&key).copied().filter(|nth| batches[*nth].has_room(request));
        let nth = joined.unwrap_or_else(|| {
            let (words, attributes) = key.clone();
            batches.push(Batch {
                words,
                attributes,
                members: Vec::new(),
                groups: Vec::new(),
            });
            open.insert(key, batches.len() - 1);
            batches.len() - 1
        });
        batches[nth].add(place, request);
    }
    batches
}

impl<'r> Batch<'r> {
    fn has_room(&self, request: &SearchRequest) -> bool {
        let is_new = |group: &&Vec<Filter>| !self.groups.contains(&group.as_slice());
        self.groups.len() + request.filters.iter().filter(is_new).count() <= GROUPS_MAX
    }

    fn add(&mut self, place: usize, request: &'r SearchRequest) {
        let mut mask = 0;
        for group in &request.filters {
            let known = self.groups.iter().position(|held| *held == group.as_slice());
            let nth = known.unwrap_or_else(|| {
                self.groups.push(group);
                self.groups.len() - 1
            });
            mask |= 1 << nth;
        }
        self.members.push(Member { place, request, mask });
    }
}
