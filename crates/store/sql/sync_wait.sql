UPDATE sync SET waiting_until = $2, waiting_for = $3 WHERE id = $1 RETURNING source_id
