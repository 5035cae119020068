-- A page with failures is what a retry of them parses again.
-- Index: page_by_staged_at, record_live, failure_by_page.
SELECT id, blob FROM page
WHERE staged_at < $1 AND state = 'landed'
AND NOT EXISTS (
    SELECT 1 FROM record
    WHERE record.stream_id = page.stream_id AND record.number = page.number AND record.state = 0
)
AND NOT EXISTS (SELECT 1 FROM failure WHERE failure.page_id = page.id)
ORDER BY staged_at LIMIT $2
