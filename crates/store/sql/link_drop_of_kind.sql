-- Index: there are few links.
DELETE FROM link WHERE kind = $1 AND user_id IS NULL
