SELECT id, source_id, mode, state, number, open_slices, failed_slices, pages, pages_open, records_seen,
    records_changed, records_deleted, failures, unsweepable, expected, message, waiting_until, waiting_for,
    sweep_confirmed, started_at, finished_at, planned, seen_before
FROM sync WHERE id = $1
