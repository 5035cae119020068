-- Index: task_after.
UPDATE task SET after_task_id = $2 WHERE after_task_id = $1 AND state = 'pending'
