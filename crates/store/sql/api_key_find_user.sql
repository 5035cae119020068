SELECT users.id FROM api_key JOIN users ON users.id = api_key.user_id
WHERE api_key.id = $1 AND (api_key.expires_at IS NULL OR api_key.expires_at > $2) AND users.state = 'active'
