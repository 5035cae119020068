-- Index: task_claimable.
SELECT id, source_id, serial_key FROM task
WHERE queue = $1 AND state = 'available'
AND (source_id IS NULL OR source_id NOT IN (SELECT value FROM json_each($2)))
AND (serial_key IS NULL OR serial_key NOT IN (SELECT value FROM json_each($3)))
AND id NOT IN (SELECT value FROM json_each($4))
AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.name = task.queue AND queue.paused_at IS NOT NULL)
ORDER BY priority, id LIMIT $5
