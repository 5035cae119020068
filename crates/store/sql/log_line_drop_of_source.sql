-- Index: log_line_by_source.
DELETE FROM log_line WHERE id IN (SELECT id FROM log_line WHERE source_id = $1 ORDER BY id LIMIT $2)
