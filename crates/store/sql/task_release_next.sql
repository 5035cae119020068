-- Only those whose task is gone from here: completed, and not a claim that was lost.
-- Index: task_after.
UPDATE task SET state = CASE WHEN run_at > $2 THEN 'scheduled' ELSE 'available' END, after_task_id = NULL
WHERE state = 'pending' AND after_task_id IN (SELECT value ->> 0 FROM json_each($1))
AND NOT EXISTS (SELECT 1 FROM task AS earlier WHERE earlier.id = task.after_task_id)
