-- Index: sync_by_source.
SELECT id FROM sync WHERE source_id = $1 ORDER BY id LIMIT $2
