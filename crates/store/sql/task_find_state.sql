SELECT state FROM task WHERE id = $1
