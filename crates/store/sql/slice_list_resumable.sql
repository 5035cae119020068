-- Index: slice_by_source_state.
SELECT id, sync_id, source_id, stream_id, state, spec, position, restarts FROM slice
WHERE source_id = $1 AND state = 'failed' AND is_final = 0 AND resumes < $2 ORDER BY id LIMIT $3
