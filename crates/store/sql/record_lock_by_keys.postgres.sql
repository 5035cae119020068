-- json_each has another name here, and rows are locked in id order.
-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT id, key, number, state, hash, seen_number FROM record
WHERE stream_id = $1 AND key IN (SELECT value FROM json_array_elements_text($2::TEXT::JSON) AS keys (value))
ORDER BY id
FOR UPDATE
