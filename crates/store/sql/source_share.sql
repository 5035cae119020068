INSERT INTO source_share (source_id, group_id) VALUES ($1, $2)
