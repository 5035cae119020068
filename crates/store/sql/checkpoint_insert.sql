-- Index: page_by_slice.
INSERT INTO checkpoint (source_id, slice_id, key, value, after_page_id)
VALUES ($1, $2, $3, $4, coalesce((SELECT max(id) FROM page WHERE page.slice_id = $2), 0))
