DELETE FROM record_body WHERE record_id IN (SELECT value FROM json_each($1))
