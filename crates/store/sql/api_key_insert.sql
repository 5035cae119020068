INSERT INTO api_key (user_id, name, scopes, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id
