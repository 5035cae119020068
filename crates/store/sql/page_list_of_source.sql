-- Index: page_by_source.
SELECT id FROM page WHERE source_id = $1 ORDER BY id LIMIT $2
