SELECT id, user_id, name, scopes, created_at, expires_at, last_used_at FROM api_key WHERE id = $1
