-- json_each has another name here.
-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT key FROM record
WHERE stream_id = $1 AND state = 0
AND key IN (SELECT v FROM json_array_elements_text($2::TEXT::JSON) AS k (v))
ORDER BY id
