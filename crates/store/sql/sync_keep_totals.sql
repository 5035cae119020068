INSERT INTO sync_totals (state, syncs, pages, records_seen, records_changed, records_deleted, failures)
SELECT state, 1, pages, records_seen, records_changed, records_deleted, failures FROM sync WHERE id = $1
ON CONFLICT (state) DO UPDATE SET syncs = sync_totals.syncs + 1, pages = sync_totals.pages + excluded.pages,
    records_seen = sync_totals.records_seen + excluded.records_seen,
    records_changed = sync_totals.records_changed + excluded.records_changed,
    records_deleted = sync_totals.records_deleted + excluded.records_deleted,
    failures = sync_totals.failures + excluded.failures
