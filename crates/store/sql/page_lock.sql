SELECT id, source_id, sync_id, slice_id, stream_id, number, state, blob, meta, counted, landed_at
FROM page WHERE id = $1
