SELECT attempt, attempts_max, errors, cancel_requested, started_at FROM task
WHERE id = $1 AND fence = $2 AND state = 'running'
