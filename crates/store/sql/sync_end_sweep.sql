-- A listing that lacks only parts which can't be read is as complete as it gets: the next sync need not be full for them.
UPDATE sync SET state = CASE WHEN failed_slices > 0 THEN 'failed' ELSE 'completed' END, finished_at = $3,
    swept = CASE
        WHEN CAST($2 AS BIGINT) = 1 THEN 1
        WHEN failed_slices = 0 AND parts_missing > 0 AND unsweepable = parts_missing THEN 1
        ELSE 0 END
WHERE id = $1 AND state = 'sweeping'
RETURNING source_id
