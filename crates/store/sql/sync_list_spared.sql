-- Index: sync_spared (sync_id, stream_id). At most as many rows as the source has streams.
SELECT stream_id FROM sync_spared WHERE sync_id = $1
