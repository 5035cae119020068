-- Index: sync_by_source.
UPDATE sync SET state = 'cancelled', message = 'a later full sync took its place', finished_at = $3
WHERE source_id = $1 AND id < $2 AND state = 'needs_confirmation'
