UPDATE source SET owner_id = NULL WHERE owner_id = $1 AND deleted_at IS NOT NULL
