-- Index: task_by_source.
UPDATE task SET cancel_requested = 1
WHERE source_id = $1 AND state = 'running' AND ($2 = 1 OR kind IN ('fetch_slice', 'plan_sync', 'sweep_sync'))
