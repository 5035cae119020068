-- Index: task_by_unique_key.
SELECT task.id FROM task_history
JOIN task ON task.unique_key = task_history.unique_key
    AND task.state IN ('scheduled', 'available', 'retryable', 'pending')
WHERE task_history.id = $1
