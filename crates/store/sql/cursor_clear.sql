DELETE FROM sync_cursor WHERE source_id = $1
