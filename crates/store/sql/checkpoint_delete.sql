DELETE FROM checkpoint WHERE id = $1
