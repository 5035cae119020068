SELECT id, source_id, stage, reason, detail, record_key, record_id, page_id, slice_id, made_at
FROM failure WHERE id = $1 AND source_id = $2
