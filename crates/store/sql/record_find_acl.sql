-- Index: primary keys.
SELECT record.source_id, record_body.acl
FROM record JOIN record_body ON record_body.record_id = record.id
WHERE record.id = $1 AND record.state = 0
LIMIT 1
