-- Index: checkpoint_waiting. Slices of one key move it in the order of their planning.
SELECT checkpoint.id, checkpoint.key, checkpoint.value FROM checkpoint
JOIN slice ON slice.id = checkpoint.slice_id
WHERE checkpoint.source_id = $1 AND checkpoint.applied_at IS NULL
ORDER BY slice.id, checkpoint.id LIMIT 10000
