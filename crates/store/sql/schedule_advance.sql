UPDATE schedule SET last_at = $2, next_at = $3 WHERE id = $1
