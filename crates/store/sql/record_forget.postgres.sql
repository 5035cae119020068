-- Rows are locked in id order.
-- Index: record_by_source.
DELETE FROM record
WHERE id IN (SELECT id FROM record WHERE source_id = $1 AND state = 2 ORDER BY id LIMIT $2 FOR UPDATE)
