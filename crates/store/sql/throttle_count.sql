INSERT INTO login_throttle (subject, failures, last_at) VALUES ($1, 1, $3)
ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN login_throttle.last_at < $2 THEN 1 ELSE login_throttle.failures + 1 END,
    last_at = excluded.last_at
