-- The first slice that fails says why; what was said before was no failure.
UPDATE sync SET unsweepable = unsweepable + 1,
    message = CASE WHEN failed_slices = 0 AND CAST($3 AS BIGINT) = 1 THEN $2 ELSE coalesce(message, $2) END
WHERE id = $1
