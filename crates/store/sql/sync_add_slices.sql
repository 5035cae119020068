UPDATE sync SET open_slices = open_slices + $2 WHERE id = $1 AND state = 'running'
