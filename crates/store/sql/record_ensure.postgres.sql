-- json_each has another name and shape here.
INSERT INTO record (source_id, stream_id, key, number, revision, state, landed_at)
SELECT $1, $2, value, -1, 0, 2, $4 FROM json_array_elements_text($3::TEXT::JSON) AS keys (value)
ON CONFLICT (stream_id, key) DO NOTHING
