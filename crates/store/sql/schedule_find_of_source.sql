-- Index: the table is small.
SELECT id, name, source_id, kind, args, queue, rule, missed, overlap, next_at
FROM schedule WHERE source_id = $1 ORDER BY id LIMIT 1
