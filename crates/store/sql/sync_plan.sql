-- Index: sync_by_source. What a full sync of the same streams saw is about what the next one sees.
UPDATE sync SET mode = $2, planned = $3, seen_before = CASE WHEN $2 = 'full' THEN (
    SELECT earlier.records_seen FROM sync AS earlier
    WHERE earlier.source_id = sync.source_id AND earlier.id < sync.id
    AND earlier.state = 'completed' AND earlier.mode = 'full' AND earlier.planned = $3
    ORDER BY earlier.id DESC LIMIT 1
) END
WHERE id = $1
