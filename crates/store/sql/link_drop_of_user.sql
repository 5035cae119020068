-- Index: there are few links.
DELETE FROM link WHERE user_id = $1
