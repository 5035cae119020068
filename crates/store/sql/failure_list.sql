-- Index: failure_by_reason.
SELECT id, source_id, stage, reason, detail, record_key, record_id, page_id, slice_id, made_at
FROM failure WHERE source_id = $1 AND (CAST($2 AS TEXT) IS NULL OR reason = $2) AND id > $3 ORDER BY id LIMIT $4
