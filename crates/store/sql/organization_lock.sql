-- Index: the primary key.
SELECT id FROM organization ORDER BY id LIMIT 1
