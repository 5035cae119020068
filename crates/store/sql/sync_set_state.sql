UPDATE sync SET state = $2, message = coalesce($3, message), finished_at = coalesce($4, finished_at)
WHERE id = $1 RETURNING source_id
