-- Index: slice_by_source_state.
SELECT id, sync_id, source_id, stream_id, state, spec, position, restarts FROM slice
WHERE source_id = $1 AND state = 'failed' ORDER BY id LIMIT $2
