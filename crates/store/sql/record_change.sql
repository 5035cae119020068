UPDATE record
SET number = $2, revision = revision + 1, state = 0, missed_number = NULL, hash = $3, landed_at = $4, digest = $5
WHERE id = $1
