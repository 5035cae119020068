-- Index: slice_by_sync.
UPDATE slice SET state = $2, message = 'cancelled by a person', finished_at = $3 WHERE id IN (
    SELECT id FROM slice WHERE sync_id = $1 AND state IN ('open', 'read') ORDER BY id LIMIT $4
)
