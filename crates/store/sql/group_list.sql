-- Index: the primary key.
SELECT id, name, created_at FROM user_group WHERE id > $1 ORDER BY id LIMIT $2
