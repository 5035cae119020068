UPDATE sync SET state = CASE WHEN failed_slices > 0 THEN 'failed' ELSE 'completed' END, swept = $2, finished_at = $3
WHERE id = $1 AND state = 'sweeping'
RETURNING source_id
