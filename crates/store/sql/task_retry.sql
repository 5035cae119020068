UPDATE task SET state = $7, run_at = $2, attempt = $3, class = $4, message = $5, errors = $6, worker = NULL,
    lease_until = NULL, crash_count = 0
WHERE id = $1 AND state = 'running'
