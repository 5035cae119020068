UPDATE task SET cancel_requested = 1 WHERE source_id = $1 AND state = 'running'
