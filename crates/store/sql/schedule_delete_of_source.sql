DELETE FROM schedule WHERE source_id = $1
