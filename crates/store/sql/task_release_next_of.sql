-- Index: task_after.
UPDATE task SET state = CASE WHEN run_at > $2 THEN 'scheduled' ELSE 'available' END, after_task_id = NULL
WHERE state = 'pending' AND after_task_id = $1
