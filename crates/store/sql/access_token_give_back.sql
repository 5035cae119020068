UPDATE access_token SET lease_until = NULL WHERE source_id = $1 AND key = $2 AND fence = $3
