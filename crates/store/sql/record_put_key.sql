UPDATE record SET key = $2, seen_number = $3 WHERE id = $1
