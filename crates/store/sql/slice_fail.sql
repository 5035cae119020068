UPDATE slice SET state = 'failed', message = $2, is_final = $3, finished_at = $4 WHERE id = $1 AND state = 'open'
RETURNING sync_id, stream_id
