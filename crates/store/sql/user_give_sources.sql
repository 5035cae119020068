UPDATE source SET owner_id = $2 WHERE owner_id = $1 AND deleted_at IS NULL
