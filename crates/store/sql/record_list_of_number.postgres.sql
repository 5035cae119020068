-- Rows are locked, so that one that a newer page takes meanwhile is left out.
-- Index: record_live. A page holds few records.
SELECT id, key FROM record WHERE stream_id = $1 AND number = $2 AND state = 0 ORDER BY id LIMIT 100000
FOR UPDATE
