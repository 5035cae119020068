INSERT INTO task_history (id, kind, args, queue, priority, state, unique_key, source_id, serial_key, attempt, attempts_max,
    fence, class, message, errors, worker, created_at, started_at, finished_at)
SELECT id, kind, args, queue, priority, 'completed', unique_key, source_id, serial_key, attempt, attempts_max, fence,
    class, message, errors, worker, created_at, started_at, $2
FROM task
WHERE state = 'running' AND (id, fence) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))
