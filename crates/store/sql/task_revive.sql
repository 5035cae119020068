INSERT INTO task (id, kind, args, queue, priority, state, source_id, run_at, attempts_max, errors, created_at)
SELECT id, kind, args, queue, priority, 'available', source_id, $2, attempts_max, errors, created_at
FROM task_history WHERE id = $1
