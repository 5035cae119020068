UPDATE users SET name = $2, role = $3, state = $4 WHERE id = $1
