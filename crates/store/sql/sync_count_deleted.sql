UPDATE sync SET records_deleted = records_deleted + $2 WHERE id = $1
