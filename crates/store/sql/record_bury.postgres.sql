-- json_each has another name here.
UPDATE record SET number = $1, revision = revision + 1, state = 2, missed_number = NULL, hash = NULL, landed_at = $3
WHERE id IN (SELECT value::BIGINT FROM json_array_elements_text($2::TEXT::JSON) AS ids (value))
