INSERT INTO record (source_id, stream_id, key, number, revision, state, landed_at)
SELECT $1, $2, value, -1, 0, 2, $4 FROM json_each($3) WHERE true
ON CONFLICT (stream_id, key) DO NOTHING
