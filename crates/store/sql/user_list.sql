-- Index: the primary key.
SELECT id, organization_id, email, name, role, state, password_hash, created_at, last_seen_at
FROM users WHERE id > $1 ORDER BY id LIMIT $2
