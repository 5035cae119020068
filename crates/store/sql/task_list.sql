-- Index: the primary keys, walked from the newest.
SELECT id, kind, args, queue, priority, state, source_id, attempt, attempts_max, run_at, class, message, errors,
    worker, created_at, started_at, finished_at
FROM (
    SELECT * FROM (
        SELECT id, kind, args, queue, priority, state, source_id, attempt, attempts_max, run_at, class, message,
            errors, worker, created_at, started_at, CAST(NULL AS BIGINT) AS finished_at
        FROM task
        WHERE (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR queue = $2) AND (CAST($3 AS TEXT) IS NULL OR kind = $3)
        AND (CAST($4 AS BIGINT) IS NULL OR source_id = $4) AND id < $5
        ORDER BY id DESC LIMIT $6
    ) AS open_tasks
    UNION ALL
    SELECT * FROM (
        SELECT id, kind, args, queue, priority, state, source_id, attempt, attempts_max, CAST(NULL AS BIGINT), class,
            message, errors, worker, created_at, started_at, finished_at
        FROM task_history
        WHERE (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR queue = $2) AND (CAST($3 AS TEXT) IS NULL OR kind = $3)
        AND (CAST($4 AS BIGINT) IS NULL OR source_id = $4) AND id < $5
        ORDER BY id DESC LIMIT $6
    ) AS ended_tasks
) AS tasks
ORDER BY id DESC LIMIT $6
