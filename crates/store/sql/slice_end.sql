UPDATE slice SET state = 'read', finished_at = $2 WHERE id = $1 AND state = 'open'
