-- json_each has another name here.
-- Index: failure (source_id, stage, place). At most as many rows as places were given.
SELECT place FROM failure WHERE source_id = $1 AND stage = $2
AND place IN (SELECT v FROM json_array_elements_text($3::TEXT::JSON) AS p (v))
