INSERT INTO users (organization_id, email, email_key, name, role, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (email_key) DO NOTHING
RETURNING id
