-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT key FROM record
WHERE stream_id = $1 AND (number > $2 OR seen_number > $2) AND key IN (SELECT value FROM json_each($3))
ORDER BY id
