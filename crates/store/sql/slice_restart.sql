UPDATE slice SET position = NULL, restarts = restarts + 1, message = $2 WHERE id = $1
