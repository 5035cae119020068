-- A page that lands late takes nothing back.
UPDATE record SET seen_number = $1, missed_number = CASE WHEN missed_number < $1 THEN NULL ELSE missed_number END
WHERE id IN (SELECT value FROM json_each($2)) AND (seen_number IS NULL OR seen_number < $1)
