SELECT state FROM task_history WHERE id = $1
