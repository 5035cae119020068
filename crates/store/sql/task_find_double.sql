-- Index: task_by_unique_key.
SELECT other.id FROM task
JOIN task AS other ON other.unique_key = task.unique_key AND other.id <> task.id
    AND other.state IN ('scheduled', 'available', 'retryable', 'pending')
WHERE task.id = $1
