-- The row is locked: workers take turns.
SELECT sealed, lease_until, fence FROM access_token WHERE source_id = $1 AND key = $2 FOR UPDATE
