-- Those that retention has removed, and those that are there: one pass, a source has a few a day.
-- Index: sync_totals (state), sync (id).
SELECT state, CAST(sum(syncs) AS BIGINT), CAST(sum(pages) AS BIGINT), CAST(sum(records_seen) AS BIGINT),
    CAST(sum(records_changed) AS BIGINT), CAST(sum(records_deleted) AS BIGINT), CAST(sum(failures) AS BIGINT)
FROM (
    SELECT state, syncs, pages, records_seen, records_changed, records_deleted, failures FROM sync_totals
    UNION ALL
    SELECT state, 1, pages, records_seen, records_changed, records_deleted, failures FROM sync
) AS every
GROUP BY state LIMIT 100
