-- As in sync_block_sweep: the first slice that fails says why.
UPDATE sync SET failed_slices = failed_slices + 1,
    message = CASE WHEN failed_slices = 0 THEN $2 ELSE coalesce(message, $2) END
WHERE id = $1
