UPDATE page SET state = $2, message = $3, landed_at = coalesce($4, landed_at) WHERE id = $1
