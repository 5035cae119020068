INSERT INTO sync_spared_place (sync_id, stream_id, place) SELECT $1, $2, value FROM json_each($3)
