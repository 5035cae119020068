INSERT INTO task (kind, args, queue, priority, state, unique_key, serial_key, source_id, after_task_id, run_at,
    attempts_max, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
RETURNING id
