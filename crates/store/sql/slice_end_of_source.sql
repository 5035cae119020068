-- Index: slice_by_source_state.
UPDATE slice SET state = 'failed', message = 'the source was deleted', finished_at = $2 WHERE id IN (
    SELECT id FROM slice WHERE source_id = $1 AND state IN ('open', 'read') ORDER BY id LIMIT $3
)
