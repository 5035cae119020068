INSERT INTO sync_cursor (source_id, key, value, moved_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (source_id, key) DO UPDATE SET value = excluded.value, moved_at = excluded.moved_at
