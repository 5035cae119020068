INSERT INTO search_key (application_id, sealed, created_at) VALUES ($1, $2, $3)
ON CONFLICT (application_id) DO NOTHING
