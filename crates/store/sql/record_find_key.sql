-- Index: record (stream_id, key).
SELECT id FROM record WHERE stream_id = $1 AND key = $2 AND state = 0 LIMIT 1
