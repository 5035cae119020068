-- Kept are the newest sync of each source, and the last one that has swept.
-- Index: sync (id), sync_by_source, sync_swept, slice_by_sync.
SELECT id FROM sync
WHERE id > $1 AND finished_at < $2 AND pages_open <= 0
AND NOT EXISTS (SELECT 1 FROM slice WHERE slice.sync_id = sync.id)
AND EXISTS (SELECT 1 FROM sync AS later WHERE later.source_id = sync.source_id AND later.id > sync.id)
AND NOT (swept = 1 AND NOT EXISTS (
    SELECT 1 FROM sync AS later WHERE later.source_id = sync.source_id AND later.swept = 1
    AND later.started_at > sync.started_at
))
ORDER BY id LIMIT $3
