-- Index: task_history_by_finish.
DELETE FROM task_history WHERE id IN (
    SELECT id FROM task_history WHERE finished_at < $1 ORDER BY finished_at LIMIT $2
)
