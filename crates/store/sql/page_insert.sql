INSERT INTO page (source_id, sync_id, slice_id, stream_id, number, state, blob, meta, bytes, staged_at)
VALUES ($1, $2, $3, $4, $5, 'staged', $6, $7, $8, $9)
RETURNING id
