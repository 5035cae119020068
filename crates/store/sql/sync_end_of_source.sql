-- Index: sync_by_source.
UPDATE sync SET state = 'cancelled', message = 'the source was deleted', finished_at = $2
WHERE source_id = $1 AND finished_at IS NULL
