INSERT INTO task_history (id, kind, args, queue, priority, state, unique_key, source_id, serial_key, attempt, attempts_max,
    fence, class, message, errors, worker, created_at, started_at, finished_at)
SELECT id, kind, args, queue, priority, $2, unique_key, source_id, serial_key, attempt, attempts_max, fence,
    coalesce($3, class), coalesce($4, message), coalesce($5, errors), worker, created_at, started_at, $6
FROM task WHERE id = $1
