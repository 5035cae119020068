INSERT INTO governor (key, state, moved_at) VALUES ($1, '{}', $2)
ON CONFLICT (key) DO NOTHING
