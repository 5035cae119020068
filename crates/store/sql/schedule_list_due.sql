-- Index: schedule_due.
SELECT id, name, source_id, kind, args, queue, rule, missed, overlap, next_at
FROM schedule WHERE paused = 0 AND next_at <= $1 ORDER BY next_at LIMIT $2
