-- A full sync goes on to its sweep, whatever has failed: other streams may be complete.
UPDATE sync SET
    state = CASE WHEN mode = 'full' THEN 'sweeping' WHEN failed_slices > 0 THEN 'failed' ELSE 'completed' END,
    finished_at = CASE WHEN mode = 'full' THEN NULL ELSE CAST($2 AS BIGINT) END
WHERE id = $1 AND state = 'running' AND open_slices = 0 AND pages_open = 0
RETURNING source_id, state
