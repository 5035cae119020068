UPDATE task SET state = 'available', run_at = $2, crash_count = 0, class = NULL
WHERE id = $1 AND (state IN ('scheduled', 'retryable') OR (state = 'pending' AND after_task_id IS NULL))
