-- Index: the primary key; there are few keys.
SELECT id, user_id, name, scopes, created_at, expires_at, last_used_at
FROM api_key WHERE (CAST($1 AS BIGINT) IS NULL OR user_id = $1) AND id > $2 ORDER BY id LIMIT $3
