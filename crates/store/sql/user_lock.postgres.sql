-- The row is locked: what is decided from it holds until it is written.
SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
