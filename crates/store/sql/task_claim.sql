UPDATE task SET state = 'running', fence = fence + 1, attempt = attempt + 1, worker = $2, lease_until = $3,
    started_at = $4
WHERE id IN (SELECT value FROM json_each($1)) AND state = 'available'
RETURNING id, fence, kind, args, source_id, attempt, attempts_max
