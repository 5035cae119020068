-- Index: page_by_source.
SELECT id FROM page
WHERE source_id = $1 AND id > $2 AND (state = 'quarantined' OR (state = 'landed' AND $3 = 0))
ORDER BY id LIMIT $4
