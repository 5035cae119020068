INSERT INTO sync_spared (sync_id, stream_id) VALUES ($1, $2) ON CONFLICT (sync_id, stream_id) DO NOTHING
