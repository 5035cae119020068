-- json_each has another name here.
-- By primary key: `IN (SELECT …)` and the bare column would have the planner read every task of that state instead.
DELETE FROM task
WHERE state || '' = 'running' AND id = ANY (ARRAY(SELECT (p ->> 0)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p)))
AND (id, fence) IN (SELECT (p ->> 0)::BIGINT, (p ->> 1)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p))
