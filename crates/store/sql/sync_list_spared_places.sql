-- Index: sync_spared_place_by_stream.
SELECT DISTINCT place FROM sync_spared_place WHERE sync_id = $1 AND stream_id = $2 LIMIT $3
