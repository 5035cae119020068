-- Index: record_by_source.
SELECT id FROM record WHERE source_id = $1 AND id > $2 AND state = 0 ORDER BY id LIMIT $3
