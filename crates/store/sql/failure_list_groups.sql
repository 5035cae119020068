-- Index: failure_by_reason.
SELECT reason, stage, count(*), min(detail) FROM failure WHERE source_id = $1
GROUP BY reason, stage ORDER BY count(*) DESC, reason LIMIT 1000
