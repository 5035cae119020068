-- Index: record_by_digest. At most as many rows as digests were given.
SELECT value FROM json_each($2) AS wanted
WHERE EXISTS (SELECT 1 FROM record
    WHERE record.stream_id = $1 AND record.state = 0 AND record.digest = wanted.value)
ORDER BY value
