-- Index: checkpoint_by_slice. Slices of one key move it in the order of their planning.
SELECT id, value FROM checkpoint WHERE source_id = $1 AND key = $2 ORDER BY slice_id, id LIMIT 10000
