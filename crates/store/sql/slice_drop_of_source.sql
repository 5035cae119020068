-- Index: slice_by_source_state.
DELETE FROM slice WHERE id IN (SELECT id FROM slice WHERE source_id = $1 LIMIT $2)
