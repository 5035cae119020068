-- json_each has another name here.
-- Index: record (stream_id, key). At most as many rows as keys were given.
SELECT record.key, record_body.data, record_body.text, record_body.acl, record_body.changed_at
FROM record JOIN record_body ON record_body.record_id = record.id
WHERE record.stream_id = $1 AND record.state = 0
AND record.key IN (SELECT v FROM json_array_elements_text($2::TEXT::JSON) AS k (v))
ORDER BY record.id
