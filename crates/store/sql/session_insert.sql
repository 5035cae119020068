INSERT INTO session (user_id, token_hash, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
RETURNING id
