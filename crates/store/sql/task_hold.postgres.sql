-- The row is locked, so that a rescue waits.
SELECT crash_count FROM task WHERE id = $1 AND fence = $2 AND state = 'running'
FOR NO KEY UPDATE
