//! A sync as the API shows it, with its rate and what is left.

use model::{SyncMode, SyncState, Timestamp};
use serde::Serialize;
use store::SyncRow;
use utoipa::ToSchema;

/// One run that brings a source up to date.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Sync)]
pub(crate) struct SyncView {
    /// Its id.
    pub(crate) id: i64,
    /// Its source.
    pub(crate) source: i64,
    /// What it reads.
    #[schema(schema_with = crate::schema::sync_mode)]
    pub(crate) mode: SyncMode,
    /// Where it stands.
    #[schema(schema_with = crate::schema::sync_state)]
    pub(crate) state: SyncState,
    /// When it began, in UTC milliseconds.
    pub(crate) started_at: i64,
    /// When it ended.
    pub(crate) finished_at: Option<i64>,
    /// Raw pages that were read.
    pub(crate) pages: u64,
    /// Of these, the ones that are not parsed yet.
    pub(crate) pages_open: u64,
    /// Records that were seen.
    pub(crate) records_seen: u64,
    /// Records that were new or different.
    pub(crate) records_changed: u64,
    /// Records that are gone.
    pub(crate) records_deleted: u64,
    /// Things that went wrong.
    pub(crate) failures: u64,
    /// About how many records it will have seen: as many as the provider says there are, or as the last full sync saw.
    pub(crate) expected: Option<u64>,
    /// Records per second since it began.
    pub(crate) rate_per_s: Option<f64>,
    /// How long it still takes, in milliseconds, as far as that can be told.
    pub(crate) eta_ms: Option<i64>,
    /// Why it ended as it did, or what it waits for a person to decide.
    pub(crate) message: Option<String>,
    /// It reads nothing before this.
    pub(crate) waiting_until: Option<i64>,
    /// What it waits for; for those who hold the source.
    pub(crate) waiting_for: Option<String>,
}

impl SyncView {
    /// The view. `with_message` is for those who hold the source: messages can name files.
    pub(crate) fn new(row: &SyncRow, with_message: bool, now: Timestamp) -> Self {
        let (rate_per_s, eta_ms) = pace(row, now);
        let is_waiting = !row.state.is_final() && row.waiting_until.is_some_and(|until| until > now);
        Self {
            id: row.id.0,
            source: row.source.0,
            mode: row.mode,
            state: row.state,
            started_at: row.started_at.0,
            finished_at: row.finished_at.map(|at| at.0),
            pages: row.pages,
            pages_open: row.pages_open,
            records_seen: row.records_seen,
            records_changed: row.records_changed,
            records_deleted: row.records_deleted,
            failures: row.failures,
            expected: row.total(),
            rate_per_s,
            eta_ms,
            message: row.message.clone().filter(|_| with_message),
            waiting_until: row.waiting_until.filter(|_| is_waiting).map(|at| at.0),
            waiting_for: row.waiting_for.clone().filter(|_| is_waiting && with_message),
        }
    }
}

/// Records per second, and the milliseconds that are left. A sync that waits has at least that long to go.
fn pace(row: &SyncRow, now: Timestamp) -> (Option<f64>, Option<i64>) {
    let elapsed_ms = row.finished_at.unwrap_or(now).since_ms(row.started_at);
    // Less than that says nothing.
    if elapsed_ms < 500 || row.records_seen == 0 {
        return (None, None);
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = row.records_seen as f64 * 1_000.0 / elapsed_ms as f64;
    let rate = (rate * 10.0).round() / 10.0;
    if row.state != SyncState::Running || rate <= 0.0 {
        return (Some(rate), None);
    }
    let left = row.total().map(|total| total.saturating_sub(row.records_seen));
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an estimate for people; the cast holds at the ends"
    )]
    let eta = left.map(|left| (left as f64 * 1_000.0 / rate) as i64);
    let wait = row.waiting_until.map_or(0, |until| until.since_ms(now).max(0));
    (Some(rate), eta.map(|eta| eta.saturating_add(wait)))
}

#[cfg(test)]
mod tests {
    //! Rates and what is left.

    use model::{Number, SourceId, SyncId, SyncMode, SyncState, Timestamp};
    use store::SyncRow;

    use super::{SyncView, pace};

    fn sync(seen: u64, expected: Option<u64>) -> SyncRow {
        SyncRow {
            id: SyncId(1),
            source: SourceId(2),
            mode: SyncMode::Full,
            state: SyncState::Running,
            number: Number(1),
            open_slices: 1,
            failed_slices: 0,
            pages: 3,
            pages_open: 1,
            records_seen: seen,
            records_changed: seen,
            records_deleted: 0,
            failures: 0,
            unsweepable: 0,
            expected,
            seen_before: None,
            message: Some("secret.pdf can't be read".to_owned()),
            waiting_until: None,
            waiting_for: None,
            is_sweep_confirmed: false,
            started_at: Timestamp(0),
            finished_at: None,
            planned: None,
        }
    }

    #[test]
    fn the_rate_and_the_expected_number_give_what_is_left() {
        assert_eq!(pace(&sync(100, Some(300)), Timestamp(2_000)), (Some(50.0), Some(4_000)));
        assert_eq!(pace(&sync(100, None), Timestamp(2_000)), (Some(50.0), None));
        // Nobody knows any more.
        assert_eq!(pace(&sync(100, Some(50)), Timestamp(2_000)), (Some(50.0), None));
    }

    #[test]
    fn where_the_provider_does_not_count_the_last_full_sync_tells_what_is_left() {
        let again = |expected| SyncRow {
            seen_before: Some(200),
            ..sync(100, expected)
        };
        assert_eq!(pace(&again(None), Timestamp(2_000)).1, Some(2_000));
        assert_eq!(
            pace(&again(Some(50)), Timestamp(2_000)).1,
            Some(2_000),
            "of one stream only"
        );
        assert_eq!(pace(&again(Some(150)), Timestamp(2_000)).1, Some(1_000));
        assert_eq!(SyncView::new(&again(None), true, Timestamp(2_000)).expected, Some(200));
    }

    #[test]
    fn a_wait_is_added_to_what_is_left() {
        let mut waiting = sync(100, Some(300));
        waiting.waiting_until = Some(Timestamp(62_000));
        assert_eq!(pace(&waiting, Timestamp(2_000)).1, Some(64_000));
    }

    #[test]
    fn nothing_is_said_too_early_or_after_the_end() {
        assert_eq!(pace(&sync(100, Some(300)), Timestamp(400)), (None, None));
        assert_eq!(pace(&sync(0, Some(300)), Timestamp(4_000)), (None, None));
        let mut ended = sync(100, Some(300));
        (ended.state, ended.finished_at) = (SyncState::Completed, Some(Timestamp(1_000)));
        assert_eq!(pace(&ended, Timestamp(9_000)), (Some(100.0), None));
    }

    #[test]
    fn messages_are_for_those_who_hold_the_source() {
        assert_eq!(SyncView::new(&sync(1, None), false, Timestamp(0)).message, None);
        assert!(SyncView::new(&sync(1, None), true, Timestamp(0)).message.is_some());
    }
}
