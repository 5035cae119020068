-- json_each has another name here.
-- By `= ANY`: with `IN (SELECT …)` the planner would rather read every task of that state than look up a few.
DELETE FROM task
WHERE state = 'running' AND id = ANY (ARRAY(SELECT (p ->> 0)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p)))
AND (id, fence) IN (SELECT (p ->> 0)::BIGINT, (p ->> 1)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p))
