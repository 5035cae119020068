-- On SQLite the writer gives positions as it logs.
UPDATE change SET position = id WHERE position IS NULL AND $1 < 0
