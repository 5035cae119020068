-- Index: task_history_by_finish.
SELECT queue, CASE WHEN state = 'completed' THEN 1 ELSE 0 END, count(*) FROM task_history WHERE finished_at >= $1
GROUP BY queue, CASE WHEN state = 'completed' THEN 1 ELSE 0 END LIMIT 10000
