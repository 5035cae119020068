-- The fence goes on where it was: a worker of the life before holds nothing in this one.
INSERT INTO task (id, kind, args, queue, priority, state, unique_key, source_id, serial_key, run_at, attempts_max,
    fence, errors, created_at)
SELECT id, kind, args, queue, priority, 'available', unique_key, source_id, serial_key, $2, attempts_max, fence, errors,
    created_at
FROM task_history WHERE id = $1
