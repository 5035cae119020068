-- Index: the primary key.
SELECT id, at, level, source_id, sync_id, task_id, message
FROM log_line WHERE id > $1 ORDER BY id LIMIT $2
