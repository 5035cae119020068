-- Index: the primary key; the oldest lines have the lowest ids.
DELETE FROM log_line WHERE id IN (SELECT id FROM log_line ORDER BY id LIMIT $2)
    AND (at < $1 OR id <= (SELECT max(id) FROM log_line) - $3)
