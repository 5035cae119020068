-- Index: slice_closed, page_by_slice, checkpoint_by_slice.
SELECT id, finished_at, CAST(CASE
    WHEN EXISTS (SELECT 1 FROM page WHERE page.slice_id = slice.id) THEN 0
    WHEN EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.source_id = slice.source_id
        AND checkpoint.key = slice.checkpoint_key AND checkpoint.slice_id = slice.id) THEN 0
    ELSE 1 END AS BIGINT)
FROM slice
WHERE (finished_at, id) > ($1, $2) AND finished_at < $3 AND state = 'closed'
ORDER BY finished_at, id LIMIT $4
