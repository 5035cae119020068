UPDATE sync SET state = 'sweeping', sweep_confirmed = 1, message = NULL
WHERE id = $1 AND state = 'needs_confirmation' RETURNING source_id
