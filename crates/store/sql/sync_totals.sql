-- Index: one pass over the syncs, of which a source has a few a day.
SELECT state, count(*), CAST(sum(pages) AS BIGINT), CAST(sum(records_seen) AS BIGINT),
    CAST(sum(records_changed) AS BIGINT), CAST(sum(records_deleted) AS BIGINT), CAST(sum(failures) AS BIGINT)
FROM sync GROUP BY state LIMIT 100
