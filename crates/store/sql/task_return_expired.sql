UPDATE task SET state = $2, crash_count = $3, class = $4, message = $5, errors = $6, run_at = coalesce($7, run_at),
    serial_key = coalesce(serial_key, $8), crashed_at = $9, worker = NULL, lease_until = NULL, fence = fence + 1
WHERE id = $1 AND state = 'running'
