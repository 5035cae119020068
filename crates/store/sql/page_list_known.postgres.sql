-- json_each has another name here.
-- Index: page (number). At most as many rows as numbers were given.
SELECT blob FROM page WHERE number IN (SELECT v::BIGINT FROM json_array_elements_text($1::TEXT::JSON) AS k (v))
