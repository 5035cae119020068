-- Index: sync_cursor (source_id, key).
SELECT key, value FROM sync_cursor WHERE source_id = $1 ORDER BY key LIMIT 100000
