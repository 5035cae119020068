INSERT INTO organization (id, name, created_at) VALUES (1, $1, $2)
ON CONFLICT (id) DO NOTHING
