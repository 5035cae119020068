INSERT INTO slice (sync_id, source_id, stream_id, state, spec, checkpoint_key, created_at)
VALUES ($1, $2, $3, 'open', $4, $5, $6)
RETURNING id
