-- Open pages of the checkpoint's slice that were staged before it, and slices of the same key that come before.
-- Index: page_by_slice, slice_holding.
SELECT CAST(CASE
    WHEN EXISTS (SELECT 1 FROM page
        WHERE page.slice_id = slice.id AND page.id <= checkpoint.after_page_id
        AND page.state = 'staged' AND page.counted = 1) THEN 1
    WHEN EXISTS (SELECT 1 FROM slice AS earlier
        WHERE earlier.source_id = slice.source_id AND earlier.state IN ('open', 'read', 'failed')
        AND earlier.checkpoint_key = slice.checkpoint_key AND earlier.id < slice.id) THEN 1
    ELSE 0 END AS BIGINT)
FROM checkpoint JOIN slice ON slice.id = checkpoint.slice_id WHERE checkpoint.id = $1
