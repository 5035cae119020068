UPDATE record SET number = $1, missed_number = NULL WHERE id IN (SELECT value FROM json_each($2))
