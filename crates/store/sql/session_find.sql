-- Index: session (token_hash); the primary key of users.
SELECT session.id, session.csrf, session.created_at, session.expires_at,
    users.id, users.organization_id, users.email, users.name, users.role, users.state, users.password_hash,
    users.created_at, users.last_seen_at
FROM session JOIN users ON users.id = session.user_id
WHERE session.token_hash = $1 AND session.expires_at > $2 AND users.state = 'active'
