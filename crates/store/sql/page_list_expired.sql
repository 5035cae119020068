-- Index: page_by_staged_at, record_live.
SELECT id, blob FROM page
WHERE staged_at < $1 AND state = 'landed'
AND NOT EXISTS (
    SELECT 1 FROM record
    WHERE record.stream_id = page.stream_id AND record.number = page.number AND record.state = 0
)
ORDER BY staged_at LIMIT $2
