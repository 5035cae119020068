-- Kept are the newest sync of each source, and the last one that has listed everything.
-- Index: sync (id), sync_by_source, sync_complete, slice_by_sync.
SELECT id FROM sync
WHERE id > $1 AND finished_at < $2 AND pages_open <= 0
AND NOT EXISTS (SELECT 1 FROM slice WHERE slice.sync_id = sync.id)
AND EXISTS (SELECT 1 FROM sync AS later WHERE later.source_id = sync.source_id AND later.id > sync.id)
AND NOT (mode = 'full' AND state = 'completed' AND unsweepable = 0 AND NOT EXISTS (
    SELECT 1 FROM sync AS later WHERE later.source_id = sync.source_id AND later.mode = 'full'
    AND later.state = 'completed' AND later.unsweepable = 0 AND later.started_at > sync.started_at
))
ORDER BY id LIMIT $3
