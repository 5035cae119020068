-- A sync that has ended stays as it ended.
UPDATE sync SET state = CASE WHEN finished_at IS NULL THEN $2 ELSE state END, message = coalesce($3, message),
    finished_at = coalesce(finished_at, $4)
WHERE id = $1 RETURNING source_id
