-- Index: session_by_expiry.
DELETE FROM session WHERE expires_at < $1
