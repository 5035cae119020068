-- json_each has another name here; rows are locked, so that a rescue waits.
-- By primary key: `IN (SELECT …)` and the bare column would have the planner read every task of that state instead.
INSERT INTO task_history (id, kind, args, queue, priority, state, unique_key, source_id, serial_key, attempt, attempts_max,
    fence, class, message, errors, worker, created_at, started_at, finished_at)
SELECT id, kind, args, queue, priority, 'completed', unique_key, source_id, serial_key, attempt, attempts_max, fence,
    class, message, errors, worker, created_at, started_at, $2
FROM (
    SELECT task.id, task.kind, task.args, task.queue, task.priority, task.unique_key, task.source_id, task.serial_key,
        task.attempt, task.attempts_max, task.fence, task.class, task.message, task.errors, task.worker,
        task.created_at, task.started_at
    FROM task
    JOIN (SELECT (p ->> 0)::BIGINT AS held_id, (p ->> 1)::BIGINT AS held_fence
        FROM json_array_elements($1::TEXT::JSON) AS s (p)) AS held ON held_id = task.id AND held_fence = task.fence
    WHERE task.state || '' = 'running'
    AND task.id = ANY (ARRAY(SELECT (p ->> 0)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p)))
    ORDER BY task.id FOR UPDATE OF task
) AS done
