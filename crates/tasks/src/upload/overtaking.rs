//! Lets changes of small sources overtake those of one that changes a lot.
//!
//! The log is followed in order. While thousands of changes of one source wait there, somebody who edits a file of
//! another would not find it for as long as they take. So what comes later in the log is looked through, and what is not
//! of the source with the most changes goes first. Since a change is applied as the record's present state, it may come
//! early, and is passed over when the log gets there.

use std::collections::{HashMap, HashSet};

use model::{Position, SourceId};
use store::ChangeRow;

/// How many rows of the log are looked through at a time.
pub(super) const LOOKED_THROUGH: u32 = 2_000;
/// How many changes of one source overtake at a time …
const OVERTAKE_MAX: usize = 100;
/// … and of all of them.
const OVERTAKE_ALL_MAX: usize = 400;
/// How often, before the log is followed on: a large change is looked through to its end soon.
pub(super) const LOOKS_MAX: u32 = 10;

/// What has overtaken.
#[derive(Debug, Default)]
pub(super) struct Overtaking {
    looked_through: Position,
    /// How many rows there were of each source.
    counts: HashMap<SourceId, usize>,
    applied: HashSet<Position>,
}

impl Overtaking {
    /// From where on the log is to be looked through, if it is followed from `position` on.
    pub(super) fn after(&self, position: Position) -> Position {
        self.looked_through.max(position)
    }

    /// Of rows that were not looked through before, those that are applied now.
    pub(super) fn choose(&mut self, rows: &[(ChangeRow, Option<SourceId>)]) -> Vec<ChangeRow> {
        if let Some((last, _)) = rows.last() {
            self.looked_through = last.position;
        }
        for source in rows.iter().filter_map(|(_, source)| *source) {
            *self.counts.entry(source).or_default() += 1;
        }
        let most = self.counts.iter().max_by_key(|(source, count)| (**count, source.0));
        let most = most.map(|(source, _)| *source);
        let mut taken: HashMap<SourceId, usize> = HashMap::new();
        let mut may_overtake = |source: SourceId| {
            let taken = taken.entry(source).or_default();
            *taken += 1;
            Some(source) != most && *taken <= OVERTAKE_MAX
        };
        let chosen: Vec<ChangeRow> = rows
            .iter()
            .filter(|(_, source)| source.is_some_and(&mut may_overtake))
            .map(|(row, _)| *row)
            .take(OVERTAKE_ALL_MAX)
            .collect();
        self.applied.extend(chosen.iter().map(|row| row.position));
        chosen
    }

    /// Of the next rows of the log, those that have not overtaken the others.
    pub(super) fn pass_over(&mut self, rows: &[ChangeRow]) -> Vec<ChangeRow> {
        rows.iter()
            .filter(|row| !self.applied.remove(&row.position))
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use model::RecordId;

    use super::*;

    fn row(position: i64, source: i64) -> (ChangeRow, Option<SourceId>) {
        let row = ChangeRow {
            position: Position(position),
            token: 0,
            record: RecordId(position),
        };
        (row, Some(SourceId(source)))
    }

    fn positions(rows: &[ChangeRow]) -> Vec<i64> {
        rows.iter().map(|row| row.position.0).collect()
    }

    #[test]
    fn all_but_the_source_with_the_most_changes_overtake_once() {
        let mut overtaking = Overtaking::default();
        assert_eq!(overtaking.after(Position(3)), Position(3));
        let mut rows = vec![row(4, 1), row(5, 2), row(6, 1), row(7, 3), row(8, 1)];
        assert_eq!(positions(&overtaking.choose(&rows)), [5, 7]);
        assert_eq!(overtaking.after(Position(3)), Position(8));
        assert_eq!(overtaking.after(Position(9)), Position(9));
        // Alone at the end of the log, and not of the source that all this is about.
        rows.push(row(9, 2));
        assert_eq!(positions(&overtaking.choose(&rows[5..])), [9]);
        let purged = ChangeRow {
            position: Position(10),
            ..rows[0].0
        };
        assert_eq!(overtaking.choose(&[(purged, None)]), []);
        assert_eq!(overtaking.after(Position(3)), Position(10));
        let log: Vec<ChangeRow> = rows.iter().map(|(row, _)| *row).collect();
        assert_eq!(positions(&overtaking.pass_over(&log)), [4, 6, 8]);
        assert_eq!(positions(&overtaking.pass_over(&log)), [4, 5, 6, 7, 8, 9], "only once");
    }

    #[test]
    fn one_source_alone_overtakes_nobody_and_a_second_large_one_a_little() {
        let mut overtaking = Overtaking::default();
        let alone: Vec<_> = (0..300).map(|n| row(n, 1)).collect();
        assert_eq!(overtaking.choose(&alone), []);
        let both: Vec<_> = (300..900).map(|n| row(n, n % 3 % 2)).collect();
        assert_eq!(overtaking.choose(&both).len(), OVERTAKE_MAX);
        let many: Vec<_> = (900..1_900).map(|n| row(n, n % 10)).collect();
        assert_eq!(overtaking.choose(&many).len(), OVERTAKE_ALL_MAX);
        assert_eq!(overtaking.choose(&[]), []);
    }
}
