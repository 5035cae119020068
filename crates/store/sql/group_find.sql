SELECT id, name, created_at FROM user_group WHERE id = $1
