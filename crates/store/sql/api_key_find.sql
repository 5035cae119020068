-- Index: api_key (token_hash); the primary key of users.
SELECT api_key.id, api_key.user_id, api_key.name, api_key.scopes, api_key.created_at, api_key.expires_at,
    api_key.last_used_at,
    users.id, users.organization_id, users.email, users.name, users.role, users.state, users.password_hash,
    users.created_at, users.last_seen_at
FROM api_key JOIN users ON users.id = api_key.user_id
WHERE api_key.token_hash = $1 AND (api_key.expires_at IS NULL OR api_key.expires_at > $2) AND users.state = 'active'
