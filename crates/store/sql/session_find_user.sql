SELECT users.id FROM session JOIN users ON users.id = session.user_id
WHERE session.id = $1 AND session.expires_at > $2 AND users.state = 'active'
