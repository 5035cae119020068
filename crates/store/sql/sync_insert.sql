INSERT INTO sync (source_id, mode, state, number, open_slices, started_at)
VALUES ($1, $2, 'running', $3, 1, $4)
RETURNING id
