-- Index: api_key_by_user.
DELETE FROM api_key WHERE user_id = $1
