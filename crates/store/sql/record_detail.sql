-- Index: primary keys.
SELECT record.id, record.source_id, stream.name, record.key, record.revision, record.number,
    record_body.data, record_body.text, record_body.acl, record_body.changed_at
FROM record
JOIN stream ON stream.id = record.stream_id
JOIN record_body ON record_body.record_id = record.id
WHERE record.id = $1 AND record.state = 0
LIMIT 1
