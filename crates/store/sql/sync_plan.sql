UPDATE sync SET mode = $2, planned = $3 WHERE id = $1
