SELECT id, kind, args, queue, priority, state, source_id, attempt, attempts_max, run_at, class, message, errors,
    worker, created_at, started_at, CAST(NULL AS BIGINT)
FROM task WHERE id = $1
UNION ALL
SELECT id, kind, args, queue, priority, state, source_id, attempt, attempts_max, CAST(NULL AS BIGINT), class, message, errors,
    worker, created_at, started_at, finished_at
FROM task_history WHERE id = $1
