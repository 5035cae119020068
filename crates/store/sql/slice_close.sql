UPDATE slice SET state = 'closed' WHERE id = $1 AND state = 'read' AND pages_open = 0 RETURNING sync_id
