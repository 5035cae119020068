-- Index: the table is small.
SELECT name FROM queue WHERE paused_at IS NOT NULL ORDER BY name LIMIT 1000
