INSERT INTO access_token (source_id, key, fence, kept_fence) VALUES ($1, $2, 0, 0)
ON CONFLICT (source_id, key) DO NOTHING
