-- json_each has another name here.
UPDATE record SET missed_number = $1
WHERE id IN (SELECT value::BIGINT FROM json_array_elements_text($2::TEXT::JSON) AS ids (value))
