UPDATE record SET missed_number = $1 WHERE id IN (SELECT value FROM json_each($2))
