UPDATE sync SET expected = coalesce(expected, 0) + $2 WHERE id = $1
