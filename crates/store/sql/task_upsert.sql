INSERT INTO task (kind, args, queue, priority, state, unique_key, serial_key, source_id, after_task_id, run_at,
    attempts_max, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'available', 'retryable', 'pending')
DO UPDATE SET run_at = CASE WHEN task.run_at < excluded.run_at OR task.state IN ('retryable', 'pending')
    THEN task.run_at ELSE excluded.run_at END
RETURNING id
