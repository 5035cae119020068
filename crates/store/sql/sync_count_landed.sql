UPDATE sync SET pages_open = pages_open - $2, records_seen = records_seen + $3,
    records_changed = records_changed + $4, records_deleted = records_deleted + $5, failures = failures + $6
WHERE id = $1
RETURNING source_id
