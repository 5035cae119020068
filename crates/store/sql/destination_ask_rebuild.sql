INSERT INTO destination (name, position, token, moved_at, rebuilds_asked) VALUES ($1, 0, 0, $2, 1)
ON CONFLICT (name) DO UPDATE SET rebuilds_asked = destination.rebuilds_asked + 1
