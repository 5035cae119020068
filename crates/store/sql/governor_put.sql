UPDATE governor SET state = $2, moved_at = $3 WHERE key = $1
