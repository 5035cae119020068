UPDATE slice SET position = $2 WHERE id = $1 AND sync_id = $3 AND state = 'open'
