UPDATE sync SET
    state = CASE WHEN failed_slices > 0 THEN 'failed'
        WHEN mode = 'full' AND unsweepable = 0 THEN 'sweeping' ELSE 'completed' END,
    finished_at = CASE WHEN mode = 'full' AND unsweepable = 0 AND failed_slices = 0 THEN NULL ELSE CAST($2 AS BIGINT) END
WHERE id = $1 AND state = 'running' AND open_slices = 0 AND pages_open = 0
RETURNING source_id, state
