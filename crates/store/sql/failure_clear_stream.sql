-- Index: the unique one of source, stage and place. That a listing was not complete stays until one is.
DELETE FROM failure WHERE source_id = $1 AND stage = $2 AND stream_id = $3 AND substr(place, 1, 7) <> 'stream/'
