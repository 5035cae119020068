UPDATE source SET name = $2, config = $3, manifest = $4, search = $5, visibility = $6
WHERE id = $1 AND deleted_at IS NULL
