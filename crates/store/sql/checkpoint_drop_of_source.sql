-- Index: checkpoint_by_slice.
DELETE FROM checkpoint WHERE id IN (SELECT id FROM checkpoint WHERE source_id = $1 LIMIT $2)
