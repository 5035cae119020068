DELETE FROM failure WHERE source_id = $1 AND stage = $2 AND place = $3
