-- Index: task_running.
SELECT source_id, serial_key, count(*) FROM task WHERE state = 'running' AND queue = $1
GROUP BY source_id, serial_key LIMIT 100000
