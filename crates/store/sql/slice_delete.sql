DELETE FROM slice WHERE id = $1
