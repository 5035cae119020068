-- Index: task_running.
SELECT id, crash_count, attempt, errors, cancel_requested, crashed_at FROM task
WHERE state = 'running' AND (lease_until < $1 OR worker = $3) ORDER BY lease_until, id LIMIT $2
