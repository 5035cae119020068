-- json_each has another name here.
DELETE FROM record_body
WHERE record_id IN (SELECT value::BIGINT FROM json_array_elements_text($1::TEXT::JSON) AS ids (value))
