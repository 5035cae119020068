-- All that ends a task, in one round trip: it leaves, is kept in history, and what waits for it may run.
-- Index: primary key, task_after.
WITH done AS (
    DELETE FROM task WHERE id = $1 AND fence = $2 AND state = 'running'
    RETURNING id, kind, args, queue, priority, unique_key, source_id, serial_key, attempt, attempts_max, fence, class,
        message, errors, worker, created_at, started_at
), kept AS (
    INSERT INTO task_history (id, kind, args, queue, priority, state, unique_key, source_id, serial_key, attempt,
        attempts_max, fence, class, message, errors, worker, created_at, started_at, finished_at)
    SELECT id, kind, args, queue, priority, 'completed', unique_key, source_id, serial_key, attempt, attempts_max, fence,
        class, message, errors, worker, created_at, started_at, $3
    FROM done
    RETURNING id
), released AS (
    UPDATE task SET state = CASE WHEN run_at > $3 THEN 'scheduled' ELSE 'available' END, after_task_id = NULL
    FROM done
    WHERE task.state = 'pending' AND task.after_task_id = $1
    RETURNING task.id
)
SELECT id, (SELECT count(*) FROM released) FROM kept
