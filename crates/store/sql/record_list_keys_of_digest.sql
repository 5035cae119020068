-- Index: record_by_digest.
SELECT key FROM record WHERE stream_id = $1 AND state = 0 AND digest = $2 ORDER BY number, id LIMIT $3
