-- Index: link (token_hash).
SELECT id, kind, user_id, expires_at FROM link WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
