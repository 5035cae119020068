-- Index: one pass over the hot table, which is kept small.
SELECT queue, state, count(*), min(created_at) FROM task GROUP BY queue, state ORDER BY queue, state LIMIT 10000
