-- json_each has another name here.
UPDATE record SET number = $1, missed_number = NULL
WHERE id IN (SELECT value::BIGINT FROM json_array_elements_text($2::TEXT::JSON) AS ids (value))
