//! Searches in process: processor time of ours against Tantivy's built-in queries, with the same permissions, facets
//! and number of documents fetched.

use anyhow::Result;
use index::{FacetRequest, Index, Options, QueryType, SearchRequest, TypoTolerance};
use model::{Asker, Document};

use crate::documents::{asker, documents};
use crate::gauge::{instant, own_cpu_s, percentile, real, settle, thread_cpu_s};
use crate::indexing::fill;
use crate::queries::{Kind, queries};
use crate::raw_search::{How, RawSearch};
use crate::report::{Aim, Report};
use crate::texts::Texts;
use crate::{Bench, fresh_folder};

const ASKERS: usize = 4;
/// What a search does unless it says otherwise.
const AS_PEOPLE_SEARCH: How = How {
    allows_typos: true,
    is_last_prefix: true,
};

/// Measures and reports.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let texts = Texts::load(&bench.work)?;
    let documents = documents(&texts, bench.scale(100_000, 2_000));
    let folder = fresh_folder(&bench.work.join("search"))?;
    let options = Options::default();
    let (index, _) = fill(&folder.join("ours"), &documents, &options)?;
    let memory = options.writer_memory_bytes;
    let raw = RawSearch::build(&folder.join("raw"), &documents, options.writer_threads, memory)?;
    settle();
    let askers: Vec<Asker> = (0..ASKERS).map(asker).collect();
    let visible = documents
        .iter()
        .filter(|document| askers[0].may_see(document.source, &document.acl))
        .count();
    report.note(format!(
        "{} documents (corpus {}), ours in {} segments, Tantivy's in {}; {ASKERS} askers with {} principals each, the first \
         of whom may see {:.0} % of them",
        documents.len(),
        texts.hash,
        index.stats()?.segments,
        raw.segments(),
        askers[0].principals.len(),
        100.0 * real(visible) / real(documents.len())
    ));
    report.note(
        "each search counts exactly, counts the facets source, kind and people, and fetches 20 documents; one thread, \
         processor time of that thread; Tantivy's typo and prefix queries give every match the same score, ours rank",
    );
    first_search(report, &index, &askers)?;
    let sides = Sides {
        index: &index,
        raw: &raw,
        askers: &askers,
    };
    for kind in Kind::ALL {
        sides.compare(report, kind, &documents, bench.scale(400, 40))?;
    }
    drop(index);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// The first search of all has the index made quick in the background; the first search of an asker decides which
/// documents they may see. Later ones remember.
fn first_search(report: &mut Report, index: &Index, askers: &[Asker]) -> Result<()> {
    let search = |asker: &Asker| -> Result<f64> {
        let before = thread_cpu_s();
        index.search(&request("", AS_PEOPLE_SEARCH), asker)?;
        Ok((thread_cpu_s() - before) * 1e3)
    };
    let before = own_cpu_s();
    let first_ms = search(&asker(ASKERS))?;
    settle();
    let all_ms = (own_cpu_s() - before) * 1e3;
    report.group("the first search after the index was opened");
    report.figure("CPU", first_ms, "ms", Aim::None);
    report.figure(
        "CPU in the background, once for each segment",
        all_ms - first_ms,
        "ms",
        Aim::None,
    );
    report.group("an asker's first search");
    let mut sum_ms = 0.0;
    for asker in askers {
        sum_ms += search(asker)?;
    }
    report.figure("CPU, mean", sum_ms / real(askers.len()), "ms", Aim::None);
    Ok(())
}

fn request(text: &str, how: How) -> SearchRequest {
    SearchRequest {
        facets: ["source", "kind", "people"].map(FacetRequest::new).into(),
        typo_tolerance: if how.allows_typos {
            TypoTolerance::On
        } else {
            TypoTolerance::Off
        },
        query_type: if how.is_last_prefix {
            QueryType::PrefixLast
        } else {
            QueryType::PrefixNone
        },
        ..SearchRequest::new(text)
    }
}

struct Sides<'s> {
    index: &'s Index,
    raw: &'s RawSearch,
    askers: &'s [Asker],
}

/// Milliseconds of each search, processor and wall.
#[derive(Default)]
struct Times {
    cpu_ms: Vec<f64>,
    wall_ms: Vec<f64>,
    matched: f64,
}

impl Times {
    fn take(&mut self, search: impl FnOnce() -> Result<f64>) -> Result<()> {
        let (cpu, wall) = (thread_cpu_s(), instant());
        self.matched += search()?;
        self.cpu_ms.push((thread_cpu_s() - cpu) * 1e3);
        self.wall_ms.push(instant().duration_since(wall).as_secs_f64() * 1e3);
        Ok(())
    }

    fn p95(&mut self) -> f64 {
        percentile(&mut self.cpu_ms, 0.95)
    }

    fn tell(&mut self, report: &mut Report, who: &str) {
        let p50 = percentile(&mut self.cpu_ms, 0.5);
        report.figure(format!("{who}: CPU p50"), p50, "ms", Aim::None);
        report.figure(format!("{who}: CPU p95"), self.p95(), "ms", Aim::None);
        report.figure(
            format!("{who}: wall p95"),
            percentile(&mut self.wall_ms, 0.95),
            "ms",
            Aim::None,
        );
        report.figure(
            format!("{who}: matches, mean"),
            self.matched / real(self.cpu_ms.len()),
            "",
            Aim::None,
        );
    }
}

impl Sides<'_> {
    fn ours(&self, text: &str, how: How, asker: &Asker) -> Result<f64> {
        let answer = self.index.search(&request(text, how), asker)?;
        Ok(real(answer.nb_hits))
    }

    fn theirs(&self, text: &str, how: How, asker: &Asker) -> Result<f64> {
        Ok(real(self.raw.search(text, how, asker)?))
    }

    fn compare(&self, report: &mut Report, kind: Kind, documents: &[Document], count: usize) -> Result<()> {
        let texts = queries(kind, documents, count);
        // One whole word is looked for as such where both sides are exact.
        let exact = How {
            allows_typos: false,
            is_last_prefix: kind != Kind::OneWord,
        };
        let mut times: [Times; 4] = Default::default();
        let [ours, ours_exact, theirs, theirs_exact] = &mut times;
        // In turn, so that whatever else the machine does meets all of them.
        for (at, text) in texts.iter().enumerate() {
            let asker = &self.askers[at % self.askers.len()];
            ours.take(|| self.ours(text, AS_PEOPLE_SEARCH, asker))?;
            theirs.take(|| self.theirs(text, AS_PEOPLE_SEARCH, asker))?;
            if kind != Kind::OneTypo {
                ours_exact.take(|| self.ours(text, exact, asker))?;
                theirs_exact.take(|| self.theirs(text, exact, asker))?;
            }
        }
        report.group(format!("{} ({count} searches)", kind.name()));
        ours.tell(report, "ours, typos allowed");
        theirs.tell(report, "Tantivy, fuzzy");
        report.figure(
            "ours ÷ Tantivy at p95, typos on both sides",
            ours.p95() / theirs.p95(),
            "×",
            Aim::AtMost(0.7),
        );
        if kind != Kind::OneTypo {
            ours_exact.tell(report, "ours, typos off");
            theirs_exact.tell(report, "Tantivy, exact");
            let ratio = ours_exact.p95() / theirs_exact.p95();
            report.figure(
                "ours ÷ Tantivy at p95, no typos on either side",
                ratio,
                "×",
                Aim::AtMost(2.0),
            );
            let ratio = ours.p95() / theirs_exact.p95();
            report.figure("ours with typos allowed ÷ Tantivy exact, at p95", ratio, "×", Aim::None);
        }
        Ok(())
    }
}
