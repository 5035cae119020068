UPDATE record SET number = $1, revision = revision + 1, state = 2, missed_number = NULL, hash = NULL, landed_at = $3
WHERE id IN (SELECT value FROM json_each($2))
