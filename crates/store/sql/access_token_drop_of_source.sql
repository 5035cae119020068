DELETE FROM access_token WHERE source_id = $1
