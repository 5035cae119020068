UPDATE access_token SET fence = fence + 1, lease_until = $3 WHERE source_id = $1 AND key = $2
RETURNING fence
