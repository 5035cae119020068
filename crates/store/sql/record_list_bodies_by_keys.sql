-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT record.key, record_body.data, record_body.text, record_body.acl, record_body.changed_at
FROM record JOIN record_body ON record_body.record_id = record.id
WHERE record.stream_id = $1 AND record.state = 0 AND record.key IN (SELECT value FROM json_each($2))
ORDER BY record.id
