-- Rows that somebody else holds are left out; json_each has another name here.
-- Index: task_claimable.
SELECT id, source_id, serial_key FROM task
WHERE queue = $1 AND state = 'available'
AND (source_id IS NULL OR source_id NOT IN (SELECT v::BIGINT FROM json_array_elements_text($2::TEXT::JSON) AS s (v)))
AND (serial_key IS NULL OR serial_key NOT IN (SELECT v FROM json_array_elements_text($3::TEXT::JSON) AS k (v)))
AND id NOT IN (SELECT v::BIGINT FROM json_array_elements_text($4::TEXT::JSON) AS i (v))
AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.name = task.queue AND queue.paused_at IS NOT NULL)
ORDER BY priority, id LIMIT $5
FOR UPDATE SKIP LOCKED
