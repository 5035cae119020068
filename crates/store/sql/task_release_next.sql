UPDATE task SET state = 'available'
WHERE state = 'pending' AND after_task_id IN (SELECT value ->> 0 FROM json_each($1))
