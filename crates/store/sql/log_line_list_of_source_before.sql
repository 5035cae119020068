-- Index: log_line_by_source.
SELECT id, at, level, source_id, sync_id, task_id, message
FROM log_line WHERE source_id = $1 AND id < $2 AND level <= $3 ORDER BY id DESC LIMIT $4
