-- Index: record_by_digest. What was not told of for longest comes first.
SELECT key FROM record WHERE stream_id = $1 AND state = 0 AND digest = $2 ORDER BY number LIMIT $3
