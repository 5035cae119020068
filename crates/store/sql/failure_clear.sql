DELETE FROM failure WHERE id = $1
