-- Index: the unique one of source, stage and place.
DELETE FROM failure WHERE source_id = $1 AND stage = $2 AND stream_id = $3
