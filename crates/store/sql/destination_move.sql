UPDATE destination SET position = $2, token = $3, moved_at = $4 WHERE name = $1
