-- Index: page_by_source.
SELECT count(*) FROM page WHERE source_id = $1 AND (state = 'quarantined' OR (state = 'landed' AND $2 = 0))
