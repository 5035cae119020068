UPDATE slice SET state = 'failed', message = $2, finished_at = $3 WHERE id = $1 AND state = 'open'
RETURNING sync_id, stream_id
