INSERT INTO failure (source_id, sync_id, stage, place, reason, detail, stream_id, record_key, record_id, page_id,
    slice_id, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (source_id, stage, place) DO UPDATE SET sync_id = excluded.sync_id, reason = excluded.reason,
    detail = excluded.detail, stream_id = excluded.stream_id, record_key = excluded.record_key,
    record_id = excluded.record_id, page_id = excluded.page_id, slice_id = excluded.slice_id, made_at = excluded.made_at
