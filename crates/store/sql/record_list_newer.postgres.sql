-- json_each has another name here.
-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT key FROM record
WHERE stream_id = $1 AND (number > $2 OR seen_number > $2)
AND key IN (SELECT v FROM json_array_elements_text($3::TEXT::JSON) AS k (v))
ORDER BY id
