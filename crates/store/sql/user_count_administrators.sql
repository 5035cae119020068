SELECT count(*) FROM users WHERE role = 'administrator' AND state = 'active'
