-- Rows are locked in id order, so that none is claimed meanwhile.
-- Index: task_by_source.
SELECT id FROM task WHERE source_id = $1 AND state <> 'running' AND ($2 = 1 OR kind IN ('fetch_slice', 'plan_sync', 'sweep_sync'))
ORDER BY id LIMIT $3
FOR UPDATE
