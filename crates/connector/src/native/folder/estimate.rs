//! A dry run: what a sync would take, from names and sizes alone.

use std::collections::BTreeMap;

use model::Clock;
use serde::Serialize;

use super::Ground;
use super::kinds::form_of;
use super::name::shown;
use super::walk::{Met, Scope, Walk};
use crate::Error;

/// How many examples of each kind are shown.
const SAMPLES_PER_KIND: u64 = 3;

/// Where an estimate stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstimateLimits {
    /// Files.
    pub items_max: u64,
    /// Milliseconds, looked at once per 256 files.
    pub time_ms_max: i64,
}

impl Default for EstimateLimits {
    fn default() -> Self {
        Self {
            items_max: 1_000_000,
            time_ms_max: 5_000,
        }
    }
}

/// What a sync would take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Files.
    pub items: u64,
    /// Their size together.
    pub bytes: u64,
    /// Files per kind, most first. Kinds are told from names.
    pub by_kind: Vec<KindCount>,
    /// Some paths of each kind.
    pub sample: Vec<String>,
    /// Whether a limit ended the walk: there is more than this.
    pub truncated: bool,
    /// Places that can't be read, and links that are not followed, with the reason.
    pub problems: Vec<String>,
}

/// How many files there are of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindCount {
    /// The kind, such as `pdf`.
    pub kind: &'static str,
    /// Files.
    pub items: u64,
}

pub(super) fn estimate(ground: &Ground, limits: &EstimateLimits, clock: &dyn Clock) -> Result<Estimate, Error> {
    let started = clock.now();
    let mut estimate = Estimate::default();
    let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut walk = Walk::new(ground, Scope::After(std::path::PathBuf::new()), None);
    for met in walk.by_ref() {
        let is_late = estimate.items % 256 == 255 && clock.now().since_ms(started) > limits.time_ms_max;
        if estimate.items >= limits.items_max || is_late {
            estimate.truncated = true;
            break;
        }
        match met {
            Met::File(found) => {
                estimate.items += 1;
                estimate.bytes = estimate.bytes.saturating_add(found.metadata.len());
                let kind = form_of(&found.relative, false).kind;
                let count = kinds.entry(kind).or_default();
                *count += 1;
                if *count <= SAMPLES_PER_KIND {
                    estimate.sample.push(shown(&found.relative));
                }
            }
            Met::Unreadable { relative, why } => {
                estimate
                    .problems
                    .push(format!("`{}` can't be read: {why}", shown(&relative)));
            }
        }
    }
    estimate.problems.extend(walk.take_remarks());
    estimate.by_kind = kinds
        .into_iter()
        .map(|(kind, items)| KindCount { kind, items })
        .collect();
    estimate.by_kind.sort_by_key(|count| std::cmp::Reverse(count.items));
    ground.look()?;
    Ok(estimate)
}
