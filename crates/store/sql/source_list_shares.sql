-- Index: source_share (source_id, group_id).
SELECT group_id FROM source_share WHERE source_id = $1 ORDER BY group_id LIMIT 10000
