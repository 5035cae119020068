-- json_each has another name here.
-- Index: primary keys.
SELECT record.id, record.source_id, stream.name, record.key, record.revision,
    CASE WHEN record.state = 0 AND source.deleted_at IS NULL THEN 0 ELSE 1 END,
    record_body.data, record_body.text, record_body.acl, record_body.changed_at
FROM record
JOIN source ON source.id = record.source_id
JOIN stream ON stream.id = record.stream_id
LEFT JOIN record_body ON record_body.record_id = record.id
WHERE record.id IN (SELECT value::BIGINT FROM json_array_elements_text($1::TEXT::JSON) AS ids (value))
LIMIT 1000
