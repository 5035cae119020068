-- Index: failure_by_reason.
SELECT stream_id, count(*) FROM failure WHERE source_id = $1 AND stream_id IS NOT NULL GROUP BY stream_id LIMIT 10000
