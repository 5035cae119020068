-- The row is locked: workers take turns.
SELECT state FROM governor WHERE key = $1 FOR UPDATE
