INSERT INTO source (organization_id, owner_id, connector, name, config, manifest, search, visibility, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id
