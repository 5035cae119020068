UPDATE users SET password_hash = $2, state = CASE state WHEN 'invited' THEN 'active' ELSE state END WHERE id = $1
