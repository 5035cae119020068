-- Index: failure_by_reason.
SELECT count(*) FROM failure WHERE source_id = $1
