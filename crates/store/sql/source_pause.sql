UPDATE source SET paused = $2 WHERE id = $1 AND deleted_at IS NULL
