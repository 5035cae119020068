-- json_each has another name here.
-- By `= ANY`: with `IN (SELECT …)` the planner would rather read every task of that state than look up a few.
-- Only those whose task is gone from here: completed, and not a claim that was lost.
-- Index: task_after.
UPDATE task SET state = CASE WHEN run_at > $2 THEN 'scheduled' ELSE 'available' END, after_task_id = NULL
WHERE state = 'pending'
AND after_task_id = ANY (ARRAY(SELECT (p ->> 0)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p)))
AND NOT EXISTS (SELECT 1 FROM task AS earlier WHERE earlier.id = task.after_task_id)
