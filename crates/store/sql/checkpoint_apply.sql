UPDATE checkpoint SET applied_at = $2 WHERE id = $1 AND applied_at IS NULL
