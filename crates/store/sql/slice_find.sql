SELECT id, sync_id, source_id, stream_id, state, spec, position, restarts FROM slice WHERE id = $1
