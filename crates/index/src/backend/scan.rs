//! The index by its definition: every document is looked at. The oracle that the engine is tested against.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use model::{Asker, Document, RecordId, Timestamp};

use crate::analysis::{Purpose, tokens};
use crate::facets::{self, Fixed, Running};
use crate::matching::{Cut, CutFinder, Word, Words};
use crate::{
    Attribute, Change, Condition, Error, Facet, FacetRequest, Filter, Hit, IndexBackend, Payload, Ranking, Refused,
    SearchRequest, SearchResponse, Stats, Time, TypoTolerance, hit,
};

/// Documents in memory.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    staged: Vec<Change>,
    documents: BTreeMap<RecordId, Document>,
    payload: Option<Payload>,
}

impl IndexBackend for Scan {
    fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .staged
            .extend(batch);
        Ok(Vec::new())
    }

    fn commit(&self, payload: &Payload) -> Result<(), Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for change in std::mem::take(&mut state.staged) {
            match change {
                Change::Upsert(document) => state.documents.insert(document.record, *document),
                Change::Delete(record) => state.documents.remove(&record),
            };
        }
        state.payload = Some(payload.clone());
        Ok(())
    }

    fn payload(&self) -> Result<Option<Payload>, Error> {
        Ok(self
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .payload
            .clone())
    }

    fn search_many(&self, requests: &[SearchRequest], asker: &Asker) -> Result<Vec<SearchResponse>, Error> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: Vec<&Document> = state
            .documents
            .values()
            .filter(|document| asker.may_see(document.source, &document.acl))
            .collect();
        Ok(requests.iter().map(|request| search(&seen, request)).collect())
    }

    fn find(&self, record: RecordId, asker: &Asker) -> Result<Option<Hit>, Error> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let document = state
            .documents
            .get(&record)
            .filter(|found| asker.may_see(found.source, &found.acl));
        let request = SearchRequest {
            with_body: true,
            ..SearchRequest::default()
        };
        Ok(document.map(|found| hit::build(found.clone(), &request, &Words::default(), Ranking::default())))
    }

    fn stats(&self) -> Result<Stats, Error> {
        let documents = self
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .documents
            .len();
        Ok(Stats {
            documents: documents as u64,
            segments: 1,
            bytes: 0,
        })
    }
}

/// One search among documents that the asker may see.
fn search(documents: &[&Document], request: &SearchRequest) -> SearchResponse {
    let mut words = Words::parse(&request.query, request.query_type, request.typo_tolerance);
    for word in &mut words.words {
        if !documents
            .iter()
            .any(|document| holds_exactly(document, word, &request.attributes))
        {
            word.cuts = word.possible_cuts();
        }
    }
    let mut matching: Vec<(&Document, Ranking)> = documents
        .iter()
        .filter(|document| {
            request
                .filters
                .iter()
                .all(|any| any.iter().any(|filter| holds(filter, document)))
        })
        .filter_map(|document| rank(document, &words, &request.attributes).map(|ranking| (*document, ranking)))
        .collect();
    let fewest = matching
        .iter()
        .map(|(_, ranking)| ranking.typos)
        .collect::<BTreeSet<u32>>();
    let typos_max = match request.typo_tolerance {
        TypoTolerance::On | TypoTolerance::Off => u32::MAX,
        TypoTolerance::Min => fewest.iter().next().copied().unwrap_or(0),
        TypoTolerance::Strict => fewest.iter().take(2).next_back().copied().unwrap_or(0),
    };
    matching.retain(|(_, ranking)| ranking.typos <= typos_max);
    matching.sort_by_key(|(document, ranking)| {
        let newest_first = document
            .changed_at
            .map_or((1, 0), |at| (0, i128::MAX - i128::from(at.0)));
        let exact = u32::MAX - ranking.exact;
        (
            ranking.typos,
            ranking.proximity,
            ranking.attribute,
            exact,
            newest_first,
            document.record,
        )
    });
    let facets = request
        .facets
        .iter()
        .flat_map(|facet| count(facet, &matching))
        .collect();
    let hits = matching
        .iter()
        .skip(request.offset)
        .take(request.hits_per_page)
        .map(|(document, ranking)| hit::build((*document).clone(), request, &words, *ranking))
        .collect();
    SearchResponse {
        nb_hits: matching.len() as u64,
        hits,
        facets,
    }
}

/// Whether a document holds a word as it stands, or a longer one where that will do.
fn holds_exactly(document: &Document, word: &Word, attributes: &[Attribute]) -> bool {
    let searched = Attribute::ALL
        .into_iter()
        .filter(|one| attributes.is_empty() || attributes.contains(one));
    let texts = searched.flat_map(|attribute| hit::texts(document, attribute));
    let mut tokens = texts.flat_map(|text| tokens(text, Purpose::Document));
    tokens.any(|token| word.grade_alone(&token.text).is_some_and(|grade| grade.typos == 0))
}

struct Occurrence {
    typos: u8,
    attribute: u8,
    is_inexact: bool,
    position: usize,
}

/// The ranking of a document; `None` if a word is not in it.
fn rank(document: &Document, words: &Words, attributes: &[Attribute]) -> Option<Ranking> {
    let mut found: Vec<Vec<Occurrence>> = words.words.iter().map(|_| Vec::new()).collect();
    for attribute in Attribute::ALL {
        if !attributes.is_empty() && !attributes.contains(&attribute) {
            continue;
        }
        let mut base = 0;
        for text in hit::texts(document, attribute) {
            let mut end = base;
            let mut cuts = CutFinder::default();
            for token in tokens(text, Purpose::Document) {
                cuts.advance(words, &token, |nth, first, second| {
                    for token in [first, second] {
                        found[nth].push(Occurrence {
                            typos: Cut::GRADE.typos,
                            attribute: attribute.rank(),
                            is_inexact: Cut::GRADE.is_inexact,
                            position: base + token.position,
                        });
                    }
                });
                end = end.max(base + token.position + 1);
                for (nth, word) in words.words.iter().enumerate() {
                    if let Some(grade) = word.grade(&token.text) {
                        found[nth].push(Occurrence {
                            typos: grade.typos,
                            attribute: attribute.rank(),
                            is_inexact: grade.is_inexact,
                            position: base + token.position,
                        });
                    }
                }
            }
            base = end + 1;
        }
    }
    let mut ranking = Ranking {
        words: u32::try_from(words.words.len()).unwrap_or(u32::MAX),
        ..Ranking::default()
    };
    for occurrences in &mut found {
        let best = occurrences
            .iter()
            .map(|one| (one.typos, one.attribute, one.is_inexact))
            .min()?;
        ranking.typos += u32::from(best.0);
        ranking.attribute += u32::from(best.1);
        ranking.exact += u32::from(!best.2);
        occurrences.retain(|one| one.typos == best.0);
    }
    for pair in found.windows(2) {
        let distances = pair[0]
            .iter()
            .flat_map(|one| pair[1].iter().map(|other| distance(one, other)));
        ranking.proximity += distances.min().unwrap_or(8);
    }
    Some(ranking)
}

fn distance(one: &Occurrence, other: &Occurrence) -> u32 {
    if one.attribute != other.attribute {
        return 8;
    }
    let (from, to) = (one.position, other.position);
    let apart = if to > from { to - from } else { from - to + 1 };
    u32::try_from(apart).unwrap_or(u32::MAX).min(8)
}

fn holds(filter: &Filter, document: &Document) -> bool {
    let holds = match &filter.condition {
        Condition::Facet { name, value } => values(document, name)
            .iter()
            .any(|one| facets::fold(one) == facets::fold(value)),
        Condition::Time { time, from, to } => time_of(document, *time)
            .is_some_and(|at| from.is_none_or(|from| from <= at) && to.is_none_or(|to| at <= to)),
        Condition::Records(records) => records.contains(&document.record),
        Condition::Sources(sources) => sources.contains(&document.source),
    };
    holds != filter.negated
}

fn values(document: &Document, name: &str) -> BTreeSet<String> {
    match Fixed::find(name) {
        Some(fixed) => fixed.values(document),
        None if facets::is_own_name(name) => document.facets.get(name).into_iter().flatten().cloned().collect(),
        None => BTreeSet::new(),
    }
}

fn time_of(document: &Document, time: Time) -> Option<Timestamp> {
    match time {
        Time::CreatedAt => document.created_at,
        Time::ChangedAt => document.changed_at,
    }
}

fn count(request: &FacetRequest, matching: &[(&Document, Ranking)]) -> Vec<Facet> {
    if let Some(time) = Time::find(&request.name) {
        let mut running = Running::default();
        for at in matching.iter().filter_map(|(document, _)| time_of(document, time)) {
            #[expect(clippy::cast_precision_loss, reason = "a statistic for a slider")]
            running.add(at.0 as f64, 1);
        }
        return vec![facets::finish_time(time, running.finish())];
    }
    let names: BTreeSet<String> = if request.name == facets::ALL {
        let own = matching
            .iter()
            .flat_map(|(document, _)| document.facets.keys().cloned());
        let own = own.filter(|name| facets::is_own_name(name));
        Fixed::ALL
            .into_iter()
            .map(|fixed| fixed.name().to_owned())
            .chain(own)
            .collect()
    } else {
        [request.name.clone()].into()
    };
    let count_one = |name: String| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for value in matching.iter().flat_map(|(document, _)| values(document, &name)) {
            *counts.entry(value).or_default() += 1;
        }
        facets::finish(
            request,
            &name,
            counts.iter().map(|(value, count)| (value.as_str(), *count)).collect(),
        )
    };
    names
        .into_iter()
        .map(count_one)
        .filter(|facet| request.name != facets::ALL || !facet.values.is_empty())
        .collect()
}
