UPDATE task SET state = 'available' WHERE id IN (
    SELECT id FROM task WHERE state IN ('scheduled', 'retryable') AND run_at <= $1 ORDER BY run_at LIMIT $2
)
