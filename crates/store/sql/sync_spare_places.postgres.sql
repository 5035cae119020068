-- json_each has another name here.
INSERT INTO sync_spared_place (sync_id, stream_id, place)
SELECT $1, $2, value FROM json_array_elements_text($3::TEXT::JSON) AS places (value)
