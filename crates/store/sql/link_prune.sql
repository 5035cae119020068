-- Index: there are few links.
DELETE FROM link WHERE expires_at < $1
