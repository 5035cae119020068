-- Index: failure_by_reason.
DELETE FROM failure WHERE id IN (SELECT id FROM failure WHERE source_id = $1 LIMIT $2)
