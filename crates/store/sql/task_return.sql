UPDATE task SET state = 'available', attempt = attempt - 1, worker = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'running' AND (id, fence) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))
