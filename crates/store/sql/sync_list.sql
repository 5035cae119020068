-- Index: sync_by_source.
SELECT id, source_id, mode, state, number, open_slices, failed_slices, pages, pages_open, records_seen,
    records_changed, records_deleted, failures, unsweepable, expected, message, waiting_until, waiting_for,
    sweep_confirmed, started_at, finished_at, planned, seen_before
FROM sync WHERE source_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
