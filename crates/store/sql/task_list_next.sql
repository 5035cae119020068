-- Index: task_after.
SELECT id FROM task WHERE after_task_id = $1 AND state = 'pending' ORDER BY id LIMIT 100000
