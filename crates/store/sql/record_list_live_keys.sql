-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT key FROM record
WHERE stream_id = $1 AND state = 0 AND key IN (SELECT value FROM json_each($2))
ORDER BY id
