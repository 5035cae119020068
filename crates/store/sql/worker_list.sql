-- Index: the table is small.
SELECT name, queues, running, started_at, seen_at FROM worker ORDER BY name LIMIT 10000
