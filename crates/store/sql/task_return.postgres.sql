-- json_each has another name here.
UPDATE task SET state = 'available', attempt = attempt - 1, worker = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'running'
AND (id, fence) IN (SELECT (p ->> 0)::BIGINT, (p ->> 1)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p))
