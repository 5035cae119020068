UPDATE source SET deleted_at = $2, secrets = NULL WHERE id = $1 AND deleted_at IS NULL
