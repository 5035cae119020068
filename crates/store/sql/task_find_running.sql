-- Index: task_running.
SELECT id FROM task WHERE state = 'running' AND serial_key = $1 ORDER BY id LIMIT 1
