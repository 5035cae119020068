INSERT INTO checkpoint (source_id, sync_id, slice_id, key, value) VALUES ($1, $2, $3, $4, $5)
