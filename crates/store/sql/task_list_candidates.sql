-- Source by source, so that the thousands of waiting tasks of one that may run no more are not looked at.
-- Index: task_claimable; from each source to the next, then the first of each.
WITH RECURSIVE sources (source) AS (
    SELECT (SELECT coalesce(source_id, 0) FROM task WHERE queue = $1 AND state = 'available'
        ORDER BY coalesce(source_id, 0) LIMIT 1)
    UNION ALL
    SELECT (SELECT coalesce(source_id, 0) FROM task
        WHERE queue = $1 AND state = 'available' AND coalesce(source_id, 0) > sources.source
        ORDER BY coalesce(source_id, 0) LIMIT 1)
    FROM sources WHERE sources.source IS NOT NULL
)
SELECT task.id, task.source_id, task.serial_key
FROM sources CROSS JOIN task ON task.id IN (
    SELECT one.id FROM task AS one
    WHERE one.queue = $1 AND one.state = 'available' AND coalesce(one.source_id, 0) = sources.source
    AND (one.serial_key IS NULL OR one.serial_key NOT IN (SELECT value FROM json_each($3)))
    AND one.id NOT IN (SELECT value FROM json_each($4))
    ORDER BY one.priority, one.id LIMIT $5
)
WHERE sources.source IS NOT NULL AND sources.source NOT IN (SELECT value FROM json_each($2))
AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.name = $1 AND queue.paused_at IS NOT NULL)
ORDER BY task.priority, task.id LIMIT $5
