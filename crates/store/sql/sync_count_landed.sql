UPDATE sync SET pages_open = pages_open - 1, records_seen = records_seen + $2,
    records_changed = records_changed + $3, records_deleted = records_deleted + $4, failures = failures + $5
WHERE id = $1
RETURNING source_id
