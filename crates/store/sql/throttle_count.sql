INSERT INTO login_throttle (subject, failures, last_at) VALUES ($1, 1, $3)
ON CONFLICT (subject) DO UPDATE SET
    failures = 1 + CASE
        WHEN excluded.last_at <= login_throttle.last_at THEN login_throttle.failures
        WHEN (excluded.last_at - login_throttle.last_at) / CAST($2 AS BIGINT) >= login_throttle.failures THEN 0
        ELSE login_throttle.failures - (excluded.last_at - login_throttle.last_at) / CAST($2 AS BIGINT)
    END,
    last_at = excluded.last_at
