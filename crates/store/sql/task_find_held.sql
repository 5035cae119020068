SELECT attempt, attempts_max, errors, cancel_requested FROM task WHERE id = $1 AND fence = $2 AND state = 'running'
