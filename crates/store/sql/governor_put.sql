INSERT INTO governor (key, state, moved_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, moved_at = excluded.moved_at
