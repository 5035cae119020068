//! A search: words are evaluated once for all requests that share them, then one pass over the matching documents
//! counts and collects for every one of these requests.

use model::{Asker, RecordId};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, TERMINATED, TantivyDocument, TantivyError};

use super::askers::Askers;
use super::batch::{Batch, Member, batches};
use super::bits;
use super::candidates::{Candidate, Candidates, RANKED_MAX};
use super::count::{Counter, Counts};
use super::derive::Derive;
use super::evaluate::Evaluated;
use super::filter::Groups;
use super::proximity::proximities;
use super::schema::Fields;
use super::segment::Segment;
use super::snapshot::{Live, Snapshot};
use crate::matching::Words;
use crate::visibility::Viewer;
use crate::{Attribute, Hit, Ranking, SearchRequest, SearchResponse, TypoTolerance, hit};

/// How many of the best candidates are ranked by proximity first; the others only if that leaves anything open.
const RANKED_FIRST: usize = 256;

/// An answer whose hits are still to be fetched.
type Answer = (SearchResponse, Vec<(DocAddress, Ranking)>);

/// A segment as one asker sees it.
struct Seen<'s> {
    segment: &'s Segment,
    /// One bit for each document that the asker may see and that is not deleted.
    bits: Vec<u64>,
}

/// A search for one asker.
pub(super) struct Search<'s> {
    fields: &'s Fields,
    snapshot: &'s Snapshot,
    seen: Vec<Seen<'s>>,
}

/// What is gathered for one request.
struct Gathered {
    nb_hits: u64,
    typos_max: u32,
    candidates: Candidates,
    counts: Counts,
}

impl<'s> Search<'s> {
    pub(super) fn new(
        fields: &'s Fields,
        snapshot: &'s Snapshot,
        askers: &Askers,
        asker: &Asker,
    ) -> Result<Self, TantivyError> {
        let number = askers.number(asker);
        let viewer = Viewer::new(asker);
        let see = |live: &'s Live| -> Result<Seen<'s>, TantivyError> {
            let permitted = live.segment.permitted(number, &viewer)?;
            Ok(Seen {
                segment: &live.segment,
                bits: live.alive_of(&permitted),
            })
        };
        let seen = snapshot.segments.iter().map(see).collect::<Result<_, _>>()?;
        Ok(Self { fields, snapshot, seen })
    }

    /// Answers the requests, in their order.
    pub(super) fn answer(&self, requests: &[SearchRequest]) -> Result<Vec<SearchResponse>, TantivyError> {
        let mut answers: Vec<SearchResponse> = requests.iter().map(|_| SearchResponse::default()).collect();
        for batch in batches(requests) {
            let (gathered, words) = self.gather(&batch)?;
            for (member, (response, hits)) in batch.members.iter().zip(gathered) {
                let request = member.request;
                let built: Result<Vec<Hit>, TantivyError> = hits
                    .iter()
                    .map(|(at, ranking)| self.hit(*at, *ranking, request, &words))
                    .collect();
                answers[member.place] = SearchResponse {
                    hits: built?,
                    ..response
                };
            }
        }
        Ok(answers)
    }

    /// One document, if the asker may see it.
    pub(super) fn find(&self, record: RecordId) -> Result<Option<Hit>, TantivyError> {
        let term = self.fields.record_term(record);
        for (place, Seen { segment, bits }) in (0_u32..).zip(&self.seen) {
            let Some(mut postings) = segment.records.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if bits::contains(bits, doc) {
                    let request = SearchRequest {
                        with_body: true,
                        ..SearchRequest::default()
                    };
                    let at = DocAddress::new(place, doc);
                    return self.hit(at, Ranking::default(), &request, &Words::default()).map(Some);
                }
                postings.advance();
            }
        }
        Ok(None)
    }

    /// The answers to a batch, and its words with what they were cut into.
    fn gather(&self, batch: &Batch<'_>) -> Result<(Vec<Answer>, Words), TantivyError> {
        let field = self.fields.text(Attribute::Title);
        let derive: Vec<Derive<'_>> = batch.words.words.iter().map(|word| Derive::new(word, field)).collect();
        let words = self.cut(batch, &derive)?;
        let evaluate = |seen: &Seen<'_>| Evaluated::new(&derive, &words, &batch.attributes, seen.segment, &seen.bits);
        let evaluated: Vec<Evaluated> = self.seen.iter().map(evaluate).collect::<Result<_, _>>()?;
        let mut gathered = batch
            .members
            .iter()
            .map(|member| Gathered::new(member, batch))
            .collect::<Vec<_>>();
        if batch.members.iter().any(Member::limits_typos) {
            self.limit_typos(batch, &evaluated, &mut gathered)?;
        }
        for (place, (seen, evaluated)) in (0_u32..).zip(self.seen.iter().zip(&evaluated)) {
            read_segment(batch, place, seen.segment, evaluated, &mut gathered)?;
        }
        let mut answers = Vec::with_capacity(gathered.len());
        for (member, gathered) in batch.members.iter().zip(gathered) {
            let hits = self.rank(member.request, batch, gathered.candidates.finish(), &evaluated)?;
            let facets = gathered.counts.finish(member.request);
            answers.push((
                SearchResponse {
                    nb_hits: gathered.nb_hits,
                    hits: Vec::new(),
                    facets,
                },
                hits,
            ));
        }
        Ok((answers, words))
    }

    /// The words of a batch; those that nothing holds which the asker may see may be cut in two.
    fn cut(&self, batch: &Batch<'_>, derive: &[Derive<'_>]) -> Result<Words, TantivyError> {
        let mut words = batch.words.clone();
        for (word, derive) in words.words.iter_mut().zip(derive) {
            let cuts = word.possible_cuts();
            if !cuts.is_empty() && !self.is_exact_somewhere(derive, &batch.attributes)? {
                word.cuts = cuts;
            }
        }
        Ok(words)
    }

    fn is_exact_somewhere(&self, word: &Derive<'_>, attributes: &[Attribute]) -> Result<bool, TantivyError> {
        for seen in &self.seen {
            if seen.segment.matches(word, attributes)?.is_exact_in(&seen.bits) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Finds how many typos each request may go up to, where that depends on what matches.
    fn limit_typos(
        &self,
        batch: &Batch<'_>,
        evaluated: &[Evaluated],
        gathered: &mut [Gathered],
    ) -> Result<(), TantivyError> {
        let mut present = vec![0_u64; batch.members.len()];
        for (seen, evaluated) in self.seen.iter().zip(evaluated) {
            let groups = Groups::new(&batch.groups, seen.segment)?;
            evaluated.for_each(|doc| {
                let mask = groups.mask(doc);
                let typos = evaluated.sums(doc).typos;
                for (member, present) in batch.members.iter().zip(&mut present) {
                    if mask & member.mask == member.mask {
                        *present |= 1 << typos.min(63);
                    }
                }
            });
        }
        for ((member, present), gathered) in batch.members.iter().zip(present).zip(gathered) {
            let lowest = present.trailing_zeros();
            let above = present & present.wrapping_sub(1);
            gathered.typos_max = match member.request.typo_tolerance {
                TypoTolerance::On | TypoTolerance::Off => u32::MAX,
                TypoTolerance::Min => lowest,
                TypoTolerance::Strict if above == 0 => lowest,
                TypoTolerance::Strict => above.trailing_zeros(),
            };
        }
        Ok(())
    }

    /// The page that `request` asks for, out of its best candidates.
    fn rank(
        &self,
        request: &SearchRequest,
        batch: &Batch<'_>,
        mut candidates: Vec<Candidate>,
        evaluated: &[Evaluated],
    ) -> Result<Vec<(DocAddress, Ranking)>, TantivyError> {
        let words = u32::try_from(batch.words.words.len()).unwrap_or(u32::MAX);
        let needed = request.offset + request.hits_per_page;
        keep_reachable(&mut candidates, needed);
        candidates.sort_unstable();
        let nearest = words.saturating_sub(1);
        let mut ranked: Vec<(u32, Candidate)> = Vec::with_capacity(candidates.len());
        let mut rest = candidates.as_slice();
        let mut length = RANKED_FIRST.max(needed);
        while !rest.is_empty() {
            let (first, others) = rest.split_at(length.min(rest.len()));
            self.read_proximities(first, evaluated, words, &mut ranked)?;
            let Some(next) = others.first() else { break };
            // What comes later has no fewer typos and no better attributes: it can't pass who stands nearest.
            let is_sure =
                |(proximity, one): &&(u32, Candidate)| *proximity == nearest || one.has_fewer_typos_than(next);
            let sure = ranked.iter().filter(is_sure).count();
            if sure >= needed {
                break;
            }
            // Each turn costs something by itself: the next one is as long as promises to be enough, or the last.
            let promising = ranked.len() * (needed - sure) * 3 / (sure.max(1) * 2);
            length = if promising < others.len() / 2 {
                promising.max(RANKED_FIRST)
            } else {
                others.len()
            };
            rest = others;
        }
        ranked.sort_unstable_by_key(|(proximity, candidate)| candidate.rank(*proximity));
        let page = ranked.into_iter().skip(request.offset).take(request.hits_per_page);
        Ok(page
            .map(|(proximity, candidate)| {
                let sums = candidate.sums();
                let ranking = Ranking {
                    typos: sums.typos,
                    words,
                    proximity,
                    attribute: sums.attribute,
                    exact: words - sums.inexact,
                };
                (DocAddress::new(candidate.segment, candidate.doc), ranking)
            })
            .collect())
    }

    /// Adds `candidates` with their proximities to `ranked`.
    fn read_proximities(
        &self,
        candidates: &[Candidate],
        evaluated: &[Evaluated],
        words: u32,
        ranked: &mut Vec<(u32, Candidate)>,
    ) -> Result<(), TantivyError> {
        if words <= 1 {
            ranked.extend(candidates.iter().map(|candidate| (0, *candidate)));
            return Ok(());
        }
        let mut candidates = candidates.to_vec();
        candidates.sort_unstable_by_key(|candidate| (candidate.segment, candidate.doc));
        for of_segment in candidates.chunk_by(|one, other| one.segment == other.segment) {
            let place = of_segment[0].segment as usize;
            let found = proximities(of_segment, &evaluated[place], self.seen[place].segment)?;
            ranked.extend(found.into_iter().zip(of_segment.iter().copied()));
        }
        Ok(())
    }

    fn hit(
        &self,
        at: DocAddress,
        ranking: Ranking,
        request: &SearchRequest,
        words: &Words,
    ) -> Result<Hit, TantivyError> {
        let encoded: TantivyDocument = self.snapshot.searcher.doc(at)?;
        let document = self.fields.decode(&encoded);
        let document = document.ok_or_else(|| TantivyError::InternalError(format!("`{at:?}` holds no document")))?;
        Ok(hit::build(document, request, words, ranking))
    }
}

/// Drops the candidates that so many others beat by typos alone that they can't be among the first `needed`.
fn keep_reachable(candidates: &mut Vec<Candidate>, needed: usize) {
    if needed == 0 || candidates.len() <= needed {
        return;
    }
    let (_, last, _) = candidates.select_nth_unstable(needed - 1);
    let typos_max = last.sums().typos;
    candidates.retain(|candidate| candidate.sums().typos <= typos_max);
}

/// One pass over the matching documents of a segment, for all requests of the batch.
fn read_segment(
    batch: &Batch<'_>,
    place: u32,
    segment: &Segment,
    evaluated: &Evaluated,
    gathered: &mut [Gathered],
) -> Result<(), TantivyError> {
    let groups = Groups::new(&batch.groups, segment)?;
    let counters = batch.members.iter().map(|member| Counter::new(member.request, segment));
    let mut counters: Vec<Counter<'_>> = counters.collect::<Result<_, _>>()?;
    evaluated.for_each(|doc| {
        let mask = groups.mask(doc);
        let sums = evaluated.sums(doc);
        for ((member, gathered), counter) in batch.members.iter().zip(gathered.iter_mut()).zip(&mut counters) {
            if mask & member.mask == member.mask && sums.typos <= gathered.typos_max {
                gathered.nb_hits += 1;
                gathered.candidates.offer(sums, place, doc, segment);
                if !counter.is_idle() {
                    counter.add(doc, &mut gathered.counts);
                }
            }
        }
    });
    for (counter, gathered) in counters.into_iter().zip(gathered) {
        counter.finish(&mut gathered.counts)?;
    }
    Ok(())
}

impl Gathered {
    fn new(member: &Member<'_>, batch: &Batch<'_>) -> Self {
        let request = member.request;
        let needed = if request.hits_per_page == 0 {
            0
        } else {
            request.offset + request.hits_per_page
        };
        // Without neighbours there is no proximity: the candidates' own order is the final one.
        let kept_max = if batch.words.words.len() > 1 && needed > 0 {
            needed.max(RANKED_MAX)
        } else {
            needed
        };
        Self {
            nb_hits: 0,
            typos_max: u32::MAX,
            candidates: Candidates::new(kept_max),
            counts: Counts::default(),
        }
    }
}
