DELETE FROM task
WHERE state = 'running' AND (id, fence) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))
