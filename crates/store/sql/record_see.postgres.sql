-- json_each has another name here.
-- A page that lands late takes nothing back.
UPDATE record SET seen_number = $1, missed_number = CASE WHEN missed_number < $1 THEN NULL ELSE missed_number END
WHERE id IN (SELECT value::BIGINT FROM json_array_elements_text($2::TEXT::JSON) AS ids (value))
AND (seen_number IS NULL OR seen_number < $1)
