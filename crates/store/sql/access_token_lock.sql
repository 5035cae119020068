SELECT sealed, lease_until, fence FROM access_token WHERE source_id = $1 AND key = $2
