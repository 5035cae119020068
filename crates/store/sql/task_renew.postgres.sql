-- json_each has another name here.
UPDATE task SET lease_until = $2
WHERE state = 'running'
AND (id, fence) IN (SELECT (p ->> 0)::BIGINT, (p ->> 1)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p))
RETURNING id, cancel_requested
