-- Index: page_by_source.
SELECT stream_id, max(landed_at) FROM page WHERE source_id = $1 AND landed_at IS NOT NULL GROUP BY stream_id LIMIT 10000
