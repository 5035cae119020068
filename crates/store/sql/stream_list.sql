-- Index: stream (source_id, name).
SELECT id, name, enabled, exact_listing FROM stream WHERE source_id = $1 ORDER BY id LIMIT 10000
