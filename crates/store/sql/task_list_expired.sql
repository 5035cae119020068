-- Index: task_running.
SELECT id, crash_count, attempt, errors, cancel_requested FROM task
WHERE state = 'running' AND lease_until < $1 ORDER BY id LIMIT $2
