INSERT INTO record_body (record_id, data, text, acl, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (record_id) DO UPDATE
SET data = excluded.data, text = excluded.text, acl = excluded.acl, changed_at = excluded.changed_at
