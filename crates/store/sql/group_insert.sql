INSERT INTO user_group (organization_id, name, created_at) VALUES ($1, $2, $3)
ON CONFLICT (organization_id, name) DO NOTHING
RETURNING id
