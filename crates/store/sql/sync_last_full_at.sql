-- Index: sync_complete.
SELECT max(started_at) FROM sync WHERE source_id = $1 AND mode = 'full' AND state = 'completed' AND unsweepable = 0
