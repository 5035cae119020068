-- Index: source (id).
SELECT id, organization_id, owner_id, connector, name, config, secrets, manifest, search, visibility, paused,
    attention, created_at, deleted_at
FROM source WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2
