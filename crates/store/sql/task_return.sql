UPDATE task SET state = 'available', attempt = attempt - 1, worker = NULL, lease_until = NULL, fence = fence + 1
WHERE id = $1 AND fence = $2 AND state = 'running'
