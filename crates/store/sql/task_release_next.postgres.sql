-- json_each has another name here.
UPDATE task SET state = 'available'
WHERE state = 'pending'
AND after_task_id IN (SELECT (p ->> 0)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p))
