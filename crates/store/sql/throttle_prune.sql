-- Index: pruned often, so there are few rows.
DELETE FROM login_throttle WHERE last_at < $1
