INSERT INTO link (token_hash, kind, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
