-- A page with failures is what a retry of them parses again.
-- Index: page_by_staged_at, record_live, failure_by_page.
SELECT id, staged_at, blob, CAST(CASE
    WHEN EXISTS (SELECT 1 FROM record
        WHERE record.stream_id = page.stream_id AND record.number = page.number AND record.state = 0) THEN 0
    WHEN EXISTS (SELECT 1 FROM failure WHERE failure.page_id = page.id) THEN 0
    ELSE 1 END AS BIGINT)
FROM page
WHERE (staged_at, id) > ($1, $2) AND staged_at < $3 AND state = 'landed'
ORDER BY staged_at, id LIMIT $4
