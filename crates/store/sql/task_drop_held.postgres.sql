-- json_each has another name here.
DELETE FROM task
WHERE state = 'running'
AND (id, fence) IN (SELECT (p ->> 0)::BIGINT, (p ->> 1)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p))
