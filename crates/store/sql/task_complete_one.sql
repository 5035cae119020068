INSERT INTO task_history (id, kind, args, queue, priority, state, unique_key, source_id, serial_key, attempt, attempts_max,
    fence, class, message, errors, worker, created_at, started_at, finished_at)
SELECT id, kind, args, queue, priority, 'completed', unique_key, source_id, serial_key, attempt, attempts_max, fence,
    class, message, errors, worker, created_at, started_at, $3
FROM task
WHERE id = $1 AND fence = $2 AND state = 'running'
RETURNING id, 0
