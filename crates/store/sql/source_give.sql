UPDATE source SET owner_id = $2 WHERE id = $1 AND deleted_at IS NULL
