INSERT INTO api_key (user_id, name, scopes, token_hash, created_at, expires_at, parent_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id
