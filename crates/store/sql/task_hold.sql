SELECT crash_count FROM task WHERE id = $1 AND fence = $2 AND state = 'running'
