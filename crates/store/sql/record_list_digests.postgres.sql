-- json_each has another name here.
-- Index: record_by_digest. At most as many rows as digests were given.
SELECT value::BIGINT FROM json_array_elements_text($2::TEXT::JSON) AS wanted (value)
WHERE EXISTS (SELECT 1 FROM record
    WHERE record.stream_id = $1 AND record.state = 0 AND record.digest = wanted.value::BIGINT)
ORDER BY 1
