DELETE FROM source_share WHERE source_id = $1
