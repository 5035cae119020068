UPDATE task SET crash_count = 0 WHERE id = $1 AND fence = $2 AND state = 'running'
