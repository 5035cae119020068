INSERT INTO destination (name, position, token, moved_at) VALUES ($1, 0, 0, $2) ON CONFLICT (name) DO NOTHING
