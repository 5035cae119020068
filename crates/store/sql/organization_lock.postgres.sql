-- The row is locked: who changes administrators or names of sources takes turns. Index: the primary key.
SELECT id FROM organization ORDER BY id LIMIT 1 FOR NO KEY UPDATE
