-- The row is locked, so that it can't be claimed meanwhile.
SELECT state FROM task WHERE id = $1 FOR UPDATE
