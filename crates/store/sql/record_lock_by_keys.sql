-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT id, key, number, state, hash, seen_number FROM record
WHERE stream_id = $1 AND key IN (SELECT value FROM json_each($2))
ORDER BY id
