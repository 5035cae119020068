-- Index: record_live.
SELECT id, number, missed_number, key FROM record
WHERE stream_id = $1 AND state = 0 AND number < $2 AND (seen_number IS NULL OR seen_number < $2)
AND (number > $3 OR (number = $3 AND id > $4))
ORDER BY number, id LIMIT $5
