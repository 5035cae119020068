-- Index: task_by_source.
SELECT id FROM task WHERE source_id = $1 AND state <> 'running' ORDER BY id LIMIT 100000
