UPDATE task SET lease_until = $2
WHERE state = 'running' AND (id, fence) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))
RETURNING id, fence, cancel_requested
