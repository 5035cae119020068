UPDATE task SET attempt = 1 WHERE id = $1 AND fence = $2 AND state = 'running'
