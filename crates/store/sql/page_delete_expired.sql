-- Asked once more: it may have been put up for parsing again meanwhile.
-- Index: page (id), record_live, failure_by_page.
DELETE FROM page
WHERE id = $1 AND state = 'landed'
AND NOT EXISTS (
    SELECT 1 FROM record
    WHERE record.stream_id = page.stream_id AND record.number = page.number AND record.state = 0
)
AND NOT EXISTS (SELECT 1 FROM failure WHERE failure.page_id = page.id)
