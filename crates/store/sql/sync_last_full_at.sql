-- Index: sync_swept.
SELECT max(started_at) FROM sync WHERE source_id = $1 AND swept = 1
